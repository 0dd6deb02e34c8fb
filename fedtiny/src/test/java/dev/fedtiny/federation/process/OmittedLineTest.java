package dev.fedtiny.federation.process;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OmittedLineTest {
    private static String text(String form) {
        return form.replace("/", "\n").replace("~", "\r");
    }

    /** In parts of every size, so that no boundary between two reads matters. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", emptyValue = "", value = {"WARN: x/device 1/ | device 1/",
            "WARN: x~/device 1/ | device 1/", "a/WARN: x/b | a/b",
        "WARN: x/WARN: x/ | WARN: x/", "WARN: xy/b/ | WARN: xy/b/", "WARN: x~y/b/ | WARN: x~y/b/", "aWARN: x/b/ | aWARN: x/b/",
        "WARN: x | WARN: x", "WARN: x~ | WARN: x~", "WARN: / | WARN: /", "WAWARN: x/ | WAWARN: x/", "WARN:/WARN: x/c | WARN:/c", "// | //"})
    void oneWholeLineIsTakenOutAndNothingElse(String form, String expected) {
        byte[] in = text(form).getBytes(StandardCharsets.UTF_8);
        for (int part = 1; part <= in.length; part++) {
            OmittedLine filter = new OmittedLine("WARN: x");
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            byte[] out = new byte[filter.most(part)];
            for (int from = 0; from < in.length; from += part) {
                byte[] some = Arrays.copyOfRange(in, from, Math.min(in.length, from + part));
                all.write(out, 0, filter.filter(some, some.length, out));
            }
            all.write(out, 0, filter.rest(out));
            assertEquals(text(expected), all.toString(StandardCharsets.UTF_8), "parts of " + part);
        }
    }
}
