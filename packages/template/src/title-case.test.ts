import { expect, test } from "vitest";
import { titleCase } from "./title-case.ts";

// The expected texts are from amtool 0.28, which converts the letters after the first letter to lower case, and from
// promtool 3.5.3, which does not.
test.each([
  ["don't o'neill x-ray a_b c.d e—f 1st", "Don't O'neill X-Ray A_b C.d E—F 1St"],
  ["foo's 'quoted' rock 'n' roll", "Foo's 'Quoted' Rock 'N' Roll"],
  ["a:b c;d E/f «g» h·i j’k 3.5x x3.y a..b a.'b", "A:b C;D E/F «G» H·i J’k 3.5X X3.y A..B A.'B"],
  ["ǆabc ßa été ﬁx ŉa ǰa ᾀx ᾳx ᾲx ⅷi ⓐb 1ⓐ აბგ", "ǅabc Ssa Été Fix ʼNa J̌a ᾈx ᾼx Ὰͅx Ⅷi Ⓐb 1Ⓐ აბგ"],
  ["カa あa 漢a กa ‿a é̂x ㄅa ºa ªb ʰa a0b $a _a", "カA あA 漢A กA ‿A É̂x ㄅA ºa ªb ʰa A0b $A _A"],
  ["x,y x’y x․y １a 1_a 9.a .a :a", "X,Y X’y X․y １A 1_A 9.A .A :A"],
])("the first letter of each word of %j", (text, expected) => {
  for (const lowers of [true, false]) expect(titleCase(text, { lowers })).toBe(expected);
});

test.each([
  ["HELLO mIxed IJ", "Hello Mixed Ij", "HELLO MIxed IJ"],
  ["ΑΒΓΣ ΑΣ.Α aΣ aΣ' İSTANBUL", "Αβγς Ασ.α Aς Aς' İstanbul", "ΑΒΓΣ ΑΣ.Α AΣ AΣ' İSTANBUL"],
])("the other letters of %j", (text, lower, kept) => {
  expect(titleCase(text, { lowers: true })).toBe(lower);
  expect(titleCase(text, { lowers: false })).toBe(kept);
});
