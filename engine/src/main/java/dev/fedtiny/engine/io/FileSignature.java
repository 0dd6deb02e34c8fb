package dev.fedtiny.engine.io;

import dev.fedtiny.engine.internal.check.Given;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What a file is that was given in another's place, by its first bytes: for the message of a reader that could make nothing of it. A
 * reader asks only after its own format has failed, since bytes of raw data can look like anything. The constants are tried in their
 * order.
 */
public enum FileSignature {
    /** No bytes at all. */
    EMPTY("an empty file", "fetch or write it again", head -> head.length() == 0),
    /** Tensors by name: what models are written to. First, since its length of the header can look like other marks. */
    SAFETENSORS("a safetensors file", Advice.WHERE_EXPECTED, FileSignature::isSafetensors),
    /** What Git keeps in place of a large file. */
    GIT_LFS_POINTER("a Git LFS pointer, which stands in the place of the file itself", "fetch the file with 'git lfs pull'",
            head -> head.startsWith("version https://git-lfs.github.com/spec/") || head.startsWith("version https://hawser")),
    /** What git-annex keeps in place of a large file. */
    GIT_ANNEX_POINTER("a git-annex pointer, which stands in the place of the file itself", "fetch the file with 'git annex get'",
            head -> head.startsWith("/annex/objects/")),
    /** A page for a browser. */
    HTML("a web page (HTML), as downloads give that need a login, a confirmation or another address", "download the file itself",
            FileSignature::isHtml),
    /** An answer of a store of files, or any other XML. */
    XML("XML text, often a server's error message in the place of a download", "download the file itself",
            head -> head.trimmed().startsWith("<?xml") || head.trimmed().startsWith("<Error>")),
    /** A server's refusal, saved by a downloader. */
    ERROR_TEXT("a server's error message in the place of a download", "download the file itself", FileSignature::isErrorText),
    /** {@code torch.save} since PyTorch 1.6, TorchScript included. */
    PYTORCH_ZIP("a PyTorch file of torch.save (.pt, .pth)", Advice.SAVE_SAFETENSORS,
            head -> head.isZip() && (head.zipEntry().endsWith("/data.pkl") || head.zipEntry().equals("data.pkl")
                    || head.zipEntry().endsWith("/.format_version") || head.zipEntry().endsWith("/.data/version"))),
    /** {@code torch.save} before PyTorch 1.6. */
    PYTORCH_PICKLE("a PyTorch file of torch.save in its older form (.pt, .pth)", Advice.SAVE_SAFETENSORS,
            head -> head.isPickle() && (head.has(2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19)
                    || head.text().contains("torch"))),
    /** Any other Python pickle, for example CIFAR's Python version. */
    PICKLE("a Python pickle, which is never read since it can run code",
            "for a model, save its state_dict with safetensors.torch.save_file; for CIFAR, fetch the binary version", Head::isPickle),
    /** Arrays of NumPy in a zip archive. */
    NUMPY_ZIP("a NumPy archive (.npz)", Advice.NUMPY, head -> head.isZip() && head.zipEntry().endsWith(".npy")),
    /** A model of Keras 3. */
    KERAS_ZIP("a Keras model (.keras)", Advice.SAVE_SAFETENSORS,
            head -> head.isZip() && head.zipEntry().equals("metadata.json") && !head.zipEntry().contains("/")),
    /** Any other zip archive. */
    ZIP("a zip archive", "unpack it (unzip FILE) and give the file in it", head -> head.isZip() || head.has(0, 'P', 'K', 5, 6)),
    /** A single array of NumPy. */
    NUMPY("a NumPy array (.npy)", Advice.NUMPY, head -> head.has(0, 0x93, 'N', 'U', 'M', 'P', 'Y')),
    /** MATLAB's files of version 7.3, which hold HDF5. */
    MATLAB_HDF5("a MATLAB file of version 7.3 (HDF5)", "save it as version 5: save('-v6', ...) or save('-v7', ...)",
            head -> head.startsWith("MATLAB 7.3 MAT-file")),
    /** MATLAB's files of version 5. */
    MATLAB("a MATLAB file (.mat, version 5)", Advice.WHERE_EXPECTED, head -> head.startsWith("MATLAB 5.0 MAT-file")),
    /** The container of Keras's older models and of much else. */
    HDF5("an HDF5 file (.h5, .hdf5)", Advice.SAVE_SAFETENSORS, head -> head.has(0, 0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n')),
    /** A model of llama.cpp. */
    GGUF("a GGUF model", Advice.SAVE_SAFETENSORS, head -> head.startsWith("GGUF")),
    /** A model of TensorFlow Lite. */
    TENSORFLOW_LITE("a TensorFlow Lite model (.tflite)", Advice.SAVE_SAFETENSORS, head -> head.has(4, 'T', 'F', 'L', '3')),
    /** A protocol buffer that begins as ONNX models do. */
    ONNX("an ONNX model (.onnx)", Advice.SAVE_SAFETENSORS, ProtocolBuffer::isOnnx),
    /** A protocol buffer that begins as SavedModels do. */
    TENSORFLOW("a TensorFlow SavedModel (.pb)", Advice.SAVE_SAFETENSORS, ProtocolBuffer::isSavedModel),
    /** A PNG image. */
    PNG("a PNG image", Advice.IMAGE, head -> head.has(0, 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n')),
    /** A JPEG image. */
    JPEG("a JPEG image", Advice.IMAGE, head -> head.has(0, 0xff, 0xd8, 0xff)),
    /** A GIF image. */
    GIF("a GIF image", Advice.IMAGE, head -> head.startsWith("GIF87a") || head.startsWith("GIF89a")),
    /** A WebP image. */
    WEBP("a WebP image", Advice.IMAGE, head -> head.startsWith("RIFF") && head.has(8, 'W', 'E', 'B', 'P')),
    /** A TIFF image. */
    TIFF("a TIFF image", Advice.IMAGE, head -> head.has(0, 'I', 'I', '*', 0) || head.has(0, 'M', 'M', 0, '*')),
    /** Data packed by gzip. */
    GZIP("gzip-compressed", "unpack it with 'gunzip'", head -> head.has(0, 0x1f, 0x8b)),
    /** Data packed by bzip2. */
    BZIP2("bzip2-compressed", "unpack it with 'bunzip2'", head -> head.startsWith("BZh") && head.has(4, '1', 'A', 'Y', '&', 'S', 'Y')),
    /** Data packed by xz. */
    XZ("xz-compressed", "unpack it with 'unxz'", head -> head.has(0, 0xfd, '7', 'z', 'X', 'Z', 0)),
    /** Data packed by Zstandard. */
    ZSTANDARD("Zstandard-compressed", "unpack it with 'unzstd'", head -> head.has(0, 0x28, 0xb5, 0x2f, 0xfd)),
    /** A 7-Zip archive. */
    SEVEN_ZIP("a 7-Zip archive", Advice.UNPACK, head -> head.has(0, '7', 'z', 0xbc, 0xaf, 0x27, 0x1c)),
    /** A RAR archive. */
    RAR("a RAR archive", Advice.UNPACK, head -> head.startsWith("Rar!")),
    /** A tar archive. */
    TAR("a tar archive", "unpack it (tar -xf FILE) and give the file in it", head -> head.has(257, 'u', 's', 't', 'a', 'r')),
    /** A column store. */
    PARQUET("a Parquet file", Advice.NUMPY, head -> head.startsWith("PAR1")),
    /** A document. */
    PDF("a PDF document", Advice.WHERE_EXPECTED, head -> head.startsWith("%PDF-")),
    /** What names the parts of a model that is spread over several safetensors files. */
    SAFETENSORS_INDEX("the index of a model in several safetensors files (.safetensors.index.json)",
            "join them to one file: load each part and write all tensors with safetensors.torch.save_file",
            head -> isJson(head) && head.text().contains("\"weight_map\"")),
    /** JSON text. */
    JSON("JSON text", Advice.WHERE_EXPECTED, FileSignature::isJson),
    /** Text of 16 bits a character. */
    UTF16("text in UTF-16", "save it as UTF-8", head -> head.has(0, 0xff, 0xfe) || head.has(0, 0xfe, 0xff));

    /** As many bytes from the start of a file as tell all of them apart. */
    public static final int HEAD_BYTES = 1024;

    private final String what;
    private final String advice;
    private final Predicate<Head> test;

    FileSignature(String what, String advice, Predicate<Head> test) {
        this.what = what;
        this.advice = advice;
        this.test = test;
    }

    /** What to do, where several kinds share it; before the constants nothing else can stand. */
    private static final class Advice {
        private static final String SAVE_SAFETENSORS = "write the weights as safetensors and give that file, in Python "
                + "safetensors.torch.save_file(model.state_dict(), \"model.safetensors\")";
        private static final String NUMPY = "write a model as safetensors, images in one of the formats of docs/data.md";
        private static final String IMAGE = "images are read from the folders of a data set, see docs/data.md";
        private static final String UNPACK = "unpack it and give the file in it";
        private static final String WHERE_EXPECTED = "another kind of file is expected here";
    }

    /** {@return what it is, with its article, for example {@code a zip archive}} */
    public String what() {
        return what;
    }

    /** {@return one clause for a message: what the file is and what to do, without a full stop} */
    public String sentence() {
        return "this is " + what + "; " + advice;
    }

    /**
     * What the first bytes of a file say.
     *
     * @param first the first {@value #HEAD_BYTES} bytes, or all of a shorter file
     * @return the first kind that fits; empty where none does
     */
    public static Optional<FileSignature> of(byte[] first) {
        Given.notNull(first, "file signature: first", "the first bytes of a file");
        Head head = new Head(first.length <= HEAD_BYTES ? first : Arrays.copyOf(first, HEAD_BYTES));
        return Arrays.stream(values()).filter(signature -> signature.test.test(head)).findFirst();
    }

    /**
     * The clause of {@link #sentence} for what the first bytes of a file say.
     *
     * @param first the first {@value #HEAD_BYTES} bytes, or all of a shorter file
     * @param expected what the reader wanted: a file that is this is damaged, not another's, and nothing is said
     * @return the clause; empty where no kind fits, or an expected one does
     */
    public static Optional<String> describe(byte[] first, FileSignature... expected) {
        Given.notNull(expected, "file signature: expected", "what the reader wanted; none where it could be anything");
        return of(first).filter(signature -> !Arrays.asList(expected).contains(signature)).map(FileSignature::sentence);
    }

    /**
     * As {@link #describe(byte[], FileSignature...)} for a file, which may be a directory; empty where it cannot be read.
     *
     * @param file what was to be read
     * @param expected what the reader wanted
     * @return the clause; empty where nothing is to be said
     */
    public static Optional<String> describe(Path file, FileSignature... expected) {
        Given.notNull(file, "file signature: file", "the path of a file");
        Given.notNull(expected, "file signature: expected", "what the reader wanted; none where it could be anything");
        if (Files.isDirectory(file)) {
            return Optional.of("this is a directory; give the file itself");
        }
        try (InputStream in = Files.newInputStream(file)) {
            return describe(in.readNBytes(HEAD_BYTES), expected);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * As {@link #describe(byte[], FileSignature...)} for a source of bytes.
     *
     * @param source what was to be read; stays open
     * @param expected what the reader wanted
     * @return the clause; empty where nothing is to be said
     * @throws IOException if it cannot be read
     */
    public static Optional<String> describe(ByteSource source, FileSignature... expected) throws IOException {
        Given.notNull(source, "file signature: source", "the bytes of a file");
        return describe(source.head(), expected);
    }

    private static boolean isHtml(Head head) {
        String text = head.trimmed().toLowerCase(Locale.ROOT);
        while (text.startsWith("<!--") && text.contains("-->")) {
            text = text.substring(text.indexOf("-->") + 3).stripLeading();
        }
        return text.startsWith("<!doctype html") || text.startsWith("<html") || text.startsWith("<head") || text.startsWith("<body")
                || text.startsWith("<?xml") && text.contains("<html");
    }

    private static boolean isErrorText(Head head) {
        String text = head.trimmed().toLowerCase(Locale.ROOT);
        return text.matches("(?s)(http/[0-9.]+ )?[45]\\d\\d[: ]+[a-z].*") || text.matches("(?s)(not found|entry not found|access denied|"
                + "forbidden|unauthorized|repository not found|invalid username or password|internal server error).*");
    }

    private static boolean isJson(Head head) {
        return head.trimmed().matches("(?s)\\{\\s*[\"}].*|\\[\\s*([-\\[\\]{\"0-9tfn]).*") && head.isText();
    }

    private static boolean isSafetensors(Head head) {
        return head.length() > 9 && head.at(8) == '{' && head.has(4, 0, 0, 0, 0) && " \t\r\n\"}".indexOf(head.at(9)) >= 0;
    }

    /** The first bytes of a file. */
    record Head(byte[] bytes) {
        private static final int ZIP_NAME_LENGTH = 26;
        private static final int ZIP_NAME = 30;

        int length() {
            return bytes.length;
        }

        int at(int index) {
            return bytes[index] & 0xff;
        }

        boolean has(int from, int... expected) {
            for (int i = 0; i < expected.length; i++) {
                if (from + i >= bytes.length || at(from + i) != expected[i]) {
                    return false;
                }
            }
            return true;
        }

        /** The bytes as characters of one byte each. */
        String text() {
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }

        boolean startsWith(String prefix) {
            return text().startsWith(prefix);
        }

        /** The characters after a byte order mark and white space. */
        String trimmed() {
            String text = text();
            return (text.startsWith("\u00ef\u00bb\u00bf") ? text.substring(3) : text).stripLeading();
        }

        boolean isText() {
            return text().chars().noneMatch(c -> c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f');
        }

        boolean isZip() {
            return has(0, 'P', 'K', 3, 4);
        }

        /** The name of a zip archive's first entry. */
        String zipEntry() {
            int length = length() < ZIP_NAME ? 0 : at(ZIP_NAME_LENGTH) | at(ZIP_NAME_LENGTH + 1) << 8;
            return text().substring(Math.min(length(), ZIP_NAME), Math.min(length(), ZIP_NAME + length));
        }

        /** Protocols 2 to 5 begin with a mark; the text protocols with an object, a list or a class. */
        boolean isPickle() {
            return length() > 1 && at(0) == 0x80 && at(1) >= 2 && at(1) <= 5
                    || text().matches("(?s)(\\([dl]p?\\d+\\n|ccopy_reg\\n|c__builtin__\\n).*");
        }
    }

    /** Models in protocol buffers have no mark; their first two fields tell. */
    private static final class ProtocolBuffer {
        private static final int LARGEST_VERSION = 0x40;

        /** {@code ir_version}, then a string, a number, the graph or an operator set. */
        private static boolean isOnnx(Head head) {
            if (!beginsWithVersion(head)) {
                return false;
            }
            return switch (head.at(2)) {
                case 0x12, 0x1a, 0x22, 0x32 -> isString(head, 3);
                case 0x28 -> true;
                case 0x3a, 0x42 -> begins(head, 3, 0x0a, 0x10, 0x12, 0x2a);
                default -> false;
            };
        }

        /** {@code saved_model_schema_version} 1, then the first graph with its description. */
        private static boolean isSavedModel(Head head) {
            return beginsWithVersion(head) && head.at(1) == 1 && head.at(2) == 0x12 && begins(head, 3, 0x0a);
        }

        private static boolean beginsWithVersion(Head head) {
            return head.length() > 5 && head.at(0) == 0x08 && head.at(1) >= 1 && head.at(1) <= LARGEST_VERSION;
        }

        private static boolean isString(Head head, int at) {
            int length = head.at(at);
            for (int i = at + 1; i <= at + length && i < head.length(); i++) {
                if (head.at(i) < ' ' || head.at(i) > '~') {
                    return false;
                }
            }
            return length < 0x80;
        }

        /** Whether a length stands there and then one of the tags. */
        private static boolean begins(Head head, int at, int... tags) {
            int tag = at;
            while (tag < head.length() && head.at(tag) >= 0x80) {
                tag++;
            }
            int first = tag + 1 < head.length() ? head.at(tag + 1) : -1;
            return Arrays.stream(tags).anyMatch(t -> t == first);
        }
    }
}
