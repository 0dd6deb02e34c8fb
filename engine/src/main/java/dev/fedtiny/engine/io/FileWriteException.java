package dev.fedtiny.engine.io;

import java.io.IOException;
import java.nio.file.Path;

/** A file that could not be written: which one, why, and what helps. What stood under its name is as it was. */
public final class FileWriteException extends IOException {
    private static final long serialVersionUID = 1L;

    private final IoProblem problem;

    /**
     * What the platform reported of a file.
     *
     * @param file the file that should have been written, not a temporary one
     * @param cause what the platform reported
     */
    public FileWriteException(Path file, IOException cause) {
        this(file, problem(file, cause), cause);
    }

    /**
     * Of a file, where the problem is known.
     *
     * @param file the file that should have been written, not a temporary one
     * @param problem what is the matter
     * @param cause what the platform reported; null where nothing went wrong but this refused
     */
    public FileWriteException(Path file, IoProblem problem, IOException cause) {
        super("cannot write '" + file + "': " + sentence(problem, cause) + "; " + problem.advice(), cause);
        this.problem = problem;
    }

    private static IoProblem problem(Path file, IOException cause) {
        IoProblem problem = IoProblem.of(cause);
        // The operating system's words may be in the user's language.
        return problem == IoProblem.OTHER && isFull(file) ? IoProblem.DISK_FULL : problem;
    }

    private static boolean isFull(Path file) {
        try {
            return file.toAbsolutePath().getParent().getFileSystem().provider().getFileStore(file.toAbsolutePath().getParent())
                    .getUsableSpace() == 0;
        } catch (IOException | RuntimeException e) {
            // It is not known, and was only a guess.
            return false;
        }
    }

    private static String sentence(IoProblem problem, IOException cause) {
        if (problem == IoProblem.NOT_FOUND) {
            return "its folder does not exist, or it was removed while it was written";
        }
        return cause == null ? problem.sentence() : problem.withWords(cause);
    }

    /** {@return what is the matter} */
    public IoProblem problem() {
        return problem;
    }
}
