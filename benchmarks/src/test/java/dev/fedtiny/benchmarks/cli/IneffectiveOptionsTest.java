package dev.fedtiny.benchmarks.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Options that would change nothing are refused, in one sentence and before anything is measured. */
class IneffectiveOptionsTest extends CommandCall {
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "profile --verify --all | option --all has no effect with --verify",
        "profile --json --all | option --all has no effect with --json",
        "profile --set density=0.2 --density 0.1 | option --density has no effect beside",
        "profile --set batch=4 --batch 8 | option --batch has no effect beside",
        "profile --set threads=2 --threads 1 | option --threads has no effect beside",
        "profile --set model=cnn-8-8-8 --model resnet18 | option --model has no effect beside",
        "profile --set model=mlp --input 1x7x9 | option --input has no effect with FILE or --set",
        "profile --width 2 --batch 8 --threads 1 --density 1 --growth | option --growth has no effect at density 1",
        "kernels --json --times | option --times has no effect with --json",
        "kernels --json --shares | option --shares has no effect with --json",
        "step --width 2 --density 1 --mask uniform | option --mask has no effect at density 1",
        "step --width 2 --density 1 --mask both | option --mask has no effect at density 1",
        "min-heap --method fedavg --density 0.1 | option --density has no effect on fedavg",
        "min-heap --table --method fedavg --density 0.1 | option --density has no effect on fedavg",
        "min-heap --set density=0.5 | --set 'density': the command has an option for it",
        "min-heap --set batch=4 | --set 'batch': the command has an option for it",
        "compare --set method=snip | --set 'method': the command has an option for it",
        "compare --quick --width 2 --seconds 1 --warm-up 1 | option --quick has no effect beside"})
    void isRefusedInOneSentence(String words, String expected) {
        assertEquals(USAGE, run(words.split(" ")), err);
        assertTrue(err.contains(": " + expected), err);
        assertEquals(1, err.lines().count(), err);
        assertEquals("", out);
    }
}
