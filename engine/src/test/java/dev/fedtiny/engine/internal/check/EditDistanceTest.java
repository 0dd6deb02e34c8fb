package dev.fedtiny.engine.internal.check;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("once")
class EditDistanceTest {
    @ParameterizedTest
    @CsvSource({"kitten,sitting,3", "saturday,sunday,3", "'',abc,3", "abc,'',3", "ab,ba,1", "abcd,badc,2", "ca,abc,3", "same,same,0",
        "a*c,abc,1"})
    void wordsAreTheirEditsApart(String word, String other, int edits) {
        assertEquals(edits, EditDistance.between(word, other));
        assertEquals(edits, EditDistance.between(other, word));
    }

    @ParameterizedTest
    @CsvSource({"a*c,abbbc,0", "*,anything,0", "*,'',0", "con1.*,conv1.weight,1", "*.wieght,conv1.weight,1", "a*b*c,axxbyy,1", "ab,ba,1",
        "*ab,xba,1", "a*,ba,1"})
    void patternsFitAfterTheFewestEdits(String pattern, String word, int edits) {
        assertEquals(edits, EditDistance.ofPattern(pattern, word));
    }
}
