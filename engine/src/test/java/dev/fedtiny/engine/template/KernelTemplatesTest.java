package dev.fedtiny.engine.template;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KernelTemplatesTest {
    @Test
    void committedKernelsAreWhatTheTemplatesGive() throws IOException {
        Map<Path, String> generated = KernelTemplates.generate(KernelTemplates.engine());
        assertFalse(generated.isEmpty());
        for (Map.Entry<Path, String> kernel : generated.entrySet()) {
            assertEquals(kernel.getValue(), Files.readString(kernel.getKey()), kernel.getKey()
                    + " is not what its template gives; change the template and run KernelTemplates");
        }
    }

    @Test
    void committedSwitchesAreWhatTheRegistryGives() throws IOException {
        Path engine = KernelTemplates.engine();
        assertTrue(KernelSwitches.generate(engine).equals(Files.readString(KernelSwitches.file(engine))),
                "a family of kernels or one of its methods has changed; run KernelSwitches (its comment says how)");
    }

    @Test
    void directivesAndHolesExpand() {
        String text = KernelTemplates.expand("Some.java.in", List.of(
                "//@# not copied",
                "//@for rows columns in 1 2 | 2 1",
                "//@for r in 0..rows-1",
                "//@for c in 0..columns-1",
                "a${r*columns+c} = y[at${+r yPitch}${+8*c}];",
                "//@end",
                "//@end",
                "//@if rows > 1",
                "wide",
                "//@else",
                "narrow ${rows}x${columns}",
                "//@end",
                "//@end",
                "//@for kind in Start | Add",
                "tile${kind}${(2+3)*2%7}",
                "//@end",
                "//@add functions exp EXP",
                "//@add functions tanh TANH",
                "//@for name constant in functions",
                "case ${constant} -> ${name}${form}();",
                "//@end"), Map.of("form", "Simd"));
        assertEquals(List.of("a0 = y[at];", "a1 = y[at + 8];", "narrow 1x2", "a0 = y[at];", "a1 = y[at + yPitch];", "wide", "tileStart3",
                "tileAdd3", "case EXP -> expSimd();", "case TANH -> tanhSimd();"), text.lines().skip(1).toList());
        assertTrue(text.startsWith("// Generated from engine/src/templates/Some.java.in"));
    }

    @Test
    void mistakesAreNamedWithFileAndLine() {
        List<List<String>> wrong = List.of(List.of("//@for i in 0..1", "a"), List.of("a${i}b${1+}"), List.of("//@for i j in 1", "//@end"),
                List.of("//@nothing"), List.of("//@if rows", "//@end"));
        for (List<String> lines : wrong) {
            String message = assertThrows(IllegalArgumentException.class,
                    () -> KernelTemplates.expand("Some.java.in", lines, Map.of())).getMessage();
            assertTrue(message.startsWith("Some.java.in:1: "), message);
        }
    }
}
