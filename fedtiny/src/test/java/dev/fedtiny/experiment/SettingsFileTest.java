package dev.fedtiny.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.DataException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of settings, as people and programs write them. */
@Isolated("replaces the standard input")
class SettingsFileTest {
    @TempDir
    Path folder;

    private Path file(String text, Charset charset) throws IOException {
        return Files.write(folder.resolve("x.properties"), text.getBytes(charset));
    }

    private Map<String, String> read(String text) throws IOException {
        return values(file(text, StandardCharsets.UTF_8));
    }

    private static Map<String, String> values(Path file) throws IOException {
        Map<String, String> values = new LinkedHashMap<>();
        SettingsFile.read(file).forEach((key, entry) -> values.put(key, entry.value()));
        return values;
    }

    private String refused(String text) throws IOException {
        Path file = file(text, StandardCharsets.UTF_8);
        String message = assertThrows(IllegalArgumentException.class, () -> Experiment.read(file)).getMessage();
        assertEquals(1, message.lines().count(), message);
        return message;
    }

    static List<Arguments> lines() {
        return List.of(Arguments.of("width = 8", "8"), Arguments.of("width=8", "8"), Arguments.of("\t width\u00a0=\u00a08 \t", "8"),
                Arguments.of("width = 8 # narrow", "8"), Arguments.of("width = 8\t# narrow # and more", "8"),
                Arguments.of("width = a#b", "a#b"), Arguments.of("width = \"a # b\" # c", "a # b"), Arguments.of("width = 'a \"b\" c'",
                "a \"b\" c"),
                Arguments.of("width = \" a \"", " a "), Arguments.of("width = \"say \"\"a\"\" # b\"", "say \"a\" # b"),
                Arguments.of("width = it's", "it's"), Arguments.of("width = C:\\data\\new", "C:\\data\\new"),
                Arguments.of("width = C:\\data\\", "C:\\data\\"), Arguments.of("width = \\\\server\\share", "\\\\server\\share"),
                Arguments.of("width = \\u00e4\\n\\:", "\\u00e4\\n\\:"), Arguments.of("width = a=b=c", "a=b=c"),
                Arguments.of("width = 1, \\\n   2, \\ # more\n   3", "1, 2, 3"), Arguments.of("width = Größe/数据", "Größe/数据"),
                Arguments.of("width = a;b!c:d", "a;b!c:d"));
    }

    @ParameterizedTest
    @MethodSource("lines")
    void aLineIsReadAsItLooks(String line, String value) throws IOException {
        for (String around : new String[] {"%s", "%s\n", "# c\n\n! c\n  %s\n#", "\uFEFF%s\n"}) {
            for (String end : new String[] {"\n", "\r\n", "\r"}) {
                assertEquals(Map.of("width", value), read(around.formatted(line).replace("\n", end)));
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "rounds = 2;method fedtiny | x.properties:2: 'method fedtiny' has no '='; did you mean 'method = fedtiny'",
        "width: 8 | x.properties:1: 'width: 8' has no '='; did you mean 'width = 8'", "[run] | x.properties:1: '[run]' has no '='",
        "= 8 | x.properties:1: there is no key", "width = | x.properties:1: 'width' has no value", "width = # 8 | no value",
        "width = \"\" | no value", "width = 'a | x.properties:1: the quote ' is not closed", "width = \"a\" b | after the closing quote: b",
        "width = 8;;width = 9 | x.properties:3: the setting 'width' is given twice, before at ",
        "wdith = 8 | x.properties:1: no setting is "
        + "called 'wdith'; did you mean 'width'", "WIDTH = 8 | did you mean 'width'",
        "zzzzzzzzzzzz = 1 | 'zzzzzzzzzzzz'; --print-config shows all",
        "sweep.seed = 1, 2 | x.properties:1: 'sweep.seed' makes it a sweep", "data = a\\;b | goes on in this one only if white space"})
    void whatIsNoEntryNamesFileAndLine(String lines, String expected) throws IOException {
        for (String end : new String[] {"\n", "\r\n", "\r"}) {
            String message = refused(lines.replace(";", "\u0001").replace("\u0001 did", "; did").replace("\u0001", end));
            for (String part : expected.split("; ")) {
                assertTrue(message.contains(part), message);
            }
        }
    }

    @Test
    void textThatIsNotUtf8NamesFileLineAndByte() throws IOException {
        Path file = file("# Größe\nwidth = 2\ndata = ä\n", StandardCharsets.ISO_8859_1);
        String message = assertThrows(IllegalArgumentException.class, () -> Experiment.read(file)).getMessage();
        assertTrue(message.endsWith("x.properties:1: the byte 0xf6 is not UTF-8 (the text may be Latin-1); save the file as UTF-8"),
                message);
        Files.write(file, "a=1\r\nb=2\rc=".getBytes(StandardCharsets.UTF_8));
        Files.write(file, new byte[] {(byte) 0xc3}, java.nio.file.StandardOpenOption.APPEND);
        message = assertThrows(IllegalArgumentException.class, () -> Experiment.read(file)).getMessage();
        assertTrue(message.contains("x.properties:3: the byte 0xc3"), message);
        file("\uFEFFwidth = 8", StandardCharsets.UTF_16LE);
        message = assertThrows(IllegalArgumentException.class, () -> Experiment.read(file)).getMessage();
        assertTrue(message.contains("UTF-16") && message.contains("UTF-8"), message);
        Files.write(file, new byte[] {'a', '\n', 0, 1, 2});
        message = assertThrows(IllegalArgumentException.class, () -> Experiment.read(file)).getMessage();
        assertTrue(message.contains("x.properties:2: the control character 0x00"), message);
        Files.write(file, new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
        message = assertThrows(IllegalArgumentException.class, () -> Experiment.read(file)).getMessage();
        assertTrue(message.contains("x.properties holds no settings: this is a PNG image"), message);
        Files.write(file, new byte[(1 << 20) + 1]);
        message = assertThrows(IllegalArgumentException.class, () -> Experiment.read(file)).getMessage();
        assertTrue(message.contains("longer than"), message);
    }

    @Test
    void whatIsNoFileIsNamedForWhatItIs() throws IOException {
        String message = assertThrows(IllegalArgumentException.class, () -> Experiment.read(folder)).getMessage();
        assertTrue(message.contains("is a folder"), message);
        Files.writeString(folder.resolve("manifest.json"), "{}");
        message = assertThrows(IllegalArgumentException.class, () -> Experiment.read(folder)).getMessage();
        assertTrue(message.contains("is a folder") && message.contains("--resume " + folder), message);
        message = assertThrows(DataException.class, () -> Experiment.read(folder.resolve("nofile"))).getMessage();
        assertTrue(message.contains("nofile' does not exist"), message);
    }

    @Test
    void standardInputIsReadAsDash() throws IOException {
        InputStream before = System.in;
        try {
            System.setIn(new ByteArrayInputStream("width = 8\nrounds 3\n".getBytes(StandardCharsets.UTF_8)));
            String message = assertThrows(IllegalArgumentException.class, () -> Experiment.read(Path.of("-"))).getMessage();
            assertTrue(message.startsWith("standard input:2: 'rounds 3'"), message);
            System.setIn(new ByteArrayInputStream(("include = " + file("rounds = 5", StandardCharsets.UTF_8).toAbsolutePath()
                    + "\nwidth = 8\n")
                    .getBytes(StandardCharsets.UTF_8)));
            assertEquals(Map.of(Setting.WIDTH, "8", Setting.ROUNDS, "5"), Experiment.read(Path.of("-")));
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void includedEntriesHoldWhereAFileSaysNothingElse() throws IOException {
        Files.writeString(folder.resolve("base"), "rounds = 5\nwidth = 4\n");
        assertEquals(Map.of("rounds", "5", "width", "8"), read("include = base # the rest\nwidth = 8\n"));
        Files.writeString(folder.resolve("base"), "include = x.properties\n");
        assertTrue(refused("\ninclude = base").contains("includes itself"));
        Files.delete(folder.resolve("base"));
        Path file = file("\ninclude = base", StandardCharsets.UTF_8);
        String message = assertThrows(DataException.class, () -> Experiment.read(file)).getMessage();
        assertTrue(message.contains("base'") && message.contains("x.properties:2 includes"), message);
    }

    @Test
    void sweepFilesNameFileAndLineToo() throws IOException {
        Path file = file("width = 2\nsweep.sede = 1, 2\n", StandardCharsets.UTF_8);
        String message = assertThrows(IllegalArgumentException.class, () -> Sweep.read(file, Map.of())).getMessage();
        assertTrue(message.contains("x.properties:2: no setting is called 'sede'; did you mean 'seed'?"), message);
        file("# s\n\uFEFFwidth = 2\n".substring(4) + "sweep.seed = 1, 2 # two\ncase.a = density=0.1; rounds=3 # b\n",
                StandardCharsets.UTF_8);
        assertEquals(List.of("seed-1_a", "seed-2_a"), Sweep.read(file, Map.of()).runs().stream().map(Sweep.Run::name).toList());
    }

    /** What is printed is read back, whatever it holds. */
    @ParameterizedTest
    @ValueSource(strings = {"C:\\data\\new", "C:\\data\\", "a \\", "\\", "a # b", "#a", "a#b", "'a'", "\"a\" # b", "it's \"a\" # b", "ä/数",
            "a = b"})
    void whatIsPrintedIsReadBack(String data) throws IOException {
        Experiment experiment = Experiment.of(Map.of(Setting.DATA, data, Setting.DEVICE_PROFILE, DeviceProfile.FORM));
        assertEquals(experiment.print().replace(" (default)", ""),
                Experiment.of(Experiment.read(file(experiment.print(), StandardCharsets.UTF_8))).print());
        assertEquals(data, Experiment.read(folder.resolve("x.properties")).get(Setting.DATA));
    }

    /** Files of earlier releases double backslashes, those of {@link Properties#store} escape more. */
    @Test
    void whatProgramsStoredBeforeIsReadWithItsEscapes() throws IOException {
        String earlier = SettingsText.EARLIER_FIRST_LINE + "fl-pqsu (default)\nmethod = fedtiny\n# where\ndata = C:\\\\images\\\\new # 1\n";
        assertEquals(Map.of("method", "fedtiny", "data", "C:\\images\\new # 1"), read(earlier));
        String escaped = SettingsText.EARLIER_FIRST_LINE + "x\n\nda\\=ta = a\\:b\\=c\\u00e4\\#\\!\\ d\\\\n, \\\n   e\n";
        assertEquals(Map.of("da=ta", "a:b=cä#! d\\n, e"), read(escaped));
        Properties properties = new Properties();
        properties.setProperty("data", "C:\\images # ä");
        properties.setProperty("width", "8");
        for (String comment : new String[] {null, "of a tool"}) {
            StringWriter stored = new StringWriter();
            properties.store(stored, comment);
            assertEquals(Map.of("data", "C:\\images # ä", "width", "8"), read(stored.toString()));
        }
    }

    /** Every file of the examples says what it said when files were Java's properties. */
    @Test
    void examplesAreReadAsBefore() throws IOException {
        List<Path> examples = new ArrayList<>();
        try (var list = Files.list(Path.of("../examples"))) {
            list.filter(f -> f.toString().endsWith(".properties")).forEach(examples::add);
        }
        assertTrue(examples.size() > 20, examples.toString());
        for (Path example : examples) {
            Properties properties = new Properties();
            try (InputStream stream = Files.newInputStream(example)) {
                properties.load(stream);
            }
            Map<String, String> now = new LinkedHashMap<>();
            SettingsText.parse(example.toString(), Files.readString(example)).forEach((key, entry) -> now.put(key, entry.value()));
            assertEquals(properties, now, example.toString());
        }
    }
}
