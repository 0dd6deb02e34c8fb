package dev.fedtiny.data;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/** Reads files of CIFAR records; the number of records follows from a file's length. */
final class CifarReader {
    private CifarReader() {
    }

    /**
     * Reads all records of the files, in order.
     *
     * @param labelPosition which label byte counts
     */
    static Dataset read(List<DataFile> files, RecordFormat format, int labelPosition, DatasetKind kind, Normalization normalization,
            List<String> classNames) {
        ImageCollector collector = new ImageCollector();
        for (DataFile file : files) {
            int before = collector.count();
            file.read(in -> {
                readRecords(in, file.name(), format, labelPosition, collector);
                return null;
            });
            if (collector.count() == before) {
                throw new DataException(file.name() + ": has no records, expected at least one of " + format.recordBytes() + " bytes");
            }
        }
        return Dataset.ofOwned(new DatasetDescription(kind, RecordFormat.CHANNELS, RecordFormat.SIDE, RecordFormat.SIDE,
                format.classes(labelPosition), classNames, normalization), collector.images(), collector.labels());
    }

    private static void readRecords(InputStream in, String name, RecordFormat format, int labelPosition, ImageCollector collector)
            throws IOException {
        byte[] labels = new byte[format.labelBytes()];
        for (int record = 0;; record++) {
            int labelBytesRead = in.readNBytes(labels, 0, labels.length);
            if (labelBytesRead == 0) {
                return;
            }
            byte[] pixels = collector.allocate(name, RecordFormat.PIXEL_BYTES);
            int bytesRead = labelBytesRead + in.readNBytes(pixels, 0, pixels.length);
            if (bytesRead < format.recordBytes()) {
                throw new DataException(name + ": record " + record + " has " + bytesRead + " bytes, expected " + format.recordBytes()
                        + "; the file is cut off or has another form");
            }
            for (int position = 0; position < labels.length; position++) {
                int label = labels[position] & 0xff;
                if (label >= format.classes(position)) {
                    throw new DataException(name + ": record " + record + ", label byte " + position + " is " + label + ", expected 0 to "
                            + (format.classes(position) - 1));
                }
            }
            collector.add(pixels, labels[labelPosition] & 0xff);
        }
    }

    /**
     * Tells which record form a file has: the one whose record size divides its length or, when both do, the one all labels are valid in.
     * Reads the whole file, keeps none of it.
     */
    static RecordFormat detectFormat(DataFile file) {
        return file.read(in -> detectFormat(in, file.name()));
    }

    private static RecordFormat detectFormat(InputStream in, String name) throws IOException {
        long maximumLength = (long) ImageCollector.MAXIMUM_IMAGES * RecordFormat.CIFAR100.recordBytes();
        RecordFormat[] formats = RecordFormat.values();
        boolean[] valid = {true, true};
        byte[] buffer = new byte[1 << 16];
        long length = 0;
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            for (RecordFormat format : formats) {
                for (int position = 0; position < format.labelBytes(); position++) {
                    // The first place in the buffer that holds this label byte of some record.
                    int first = Math.floorMod(position - length, format.recordBytes());
                    for (int at = first; at < read; at += format.recordBytes()) {
                        valid[format.ordinal()] &= (buffer[at] & 0xff) < format.classes(position);
                    }
                }
            }
            length += read;
            if (length > maximumLength) {
                throw new DataException(name + ": has more than " + maximumLength + " bytes (unpacked), the maximum of "
                        + ImageCollector.MAXIMUM_IMAGES + " records");
            }
        }
        int small = RecordFormat.CIFAR10.recordBytes();
        int large = RecordFormat.CIFAR100.recordBytes();
        if (length == 0) {
            throw new DataException(name + ": is empty, expected records of " + small + " or " + large + " bytes");
        }
        boolean divides10 = length % small == 0;
        boolean divides100 = length % large == 0;
        if (divides10 && divides100) {
            divides10 = valid[RecordFormat.CIFAR10.ordinal()];
            divides100 = valid[RecordFormat.CIFAR100.ordinal()];
        }
        if (divides10 == divides100) {
            throw new DataException(name + ": has " + length + " bytes (unpacked), expected either a multiple of " + small
                    + " with labels below 10 or a multiple of " + large + " with labels below 20 and 100");
        }
        return divides10 ? RecordFormat.CIFAR10 : RecordFormat.CIFAR100;
    }
}
