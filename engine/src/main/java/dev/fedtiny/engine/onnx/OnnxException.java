package dev.fedtiny.engine.onnx;

import dev.fedtiny.engine.io.ModelFormatException;
import java.util.List;

/**
 * A file that is no ONNX model, is damaged or hostile, or holds what this engine cannot take; then all reasons are named at once, each
 * with its node, operator and attribute.
 */
public final class OnnxException extends ModelFormatException {
    private static final long serialVersionUID = 1L;

    private final String[] reasons;

    /**
     * A matter at one place.
     *
     * @param source the file's name
     * @param byteOffset place in the file; -1 where the matter has none
     * @param problem what was found and what was expected
     */
    public OnnxException(String source, long byteOffset, String problem) {
        super(source, byteOffset, problem, null);
        this.reasons = new String[] {problem};
    }

    /**
     * Everything in a well-formed model that this engine cannot take.
     *
     * @param source the file's name
     * @param reasons everything that stands in the way, at least one
     */
    public OnnxException(String source, List<String> reasons) {
        super(source, -1, reasons.size() == 1 ? reasons.getFirst() : "this model cannot be taken, for " + reasons.size() + " reasons: "
                + String.join("; ", reasons), null);
        this.reasons = reasons.toArray(String[]::new);
    }

    /** {@return every reason, in the order of the file; one where the file is no model or damaged} */
    public List<String> reasons() {
        return List.of(reasons);
    }
}
