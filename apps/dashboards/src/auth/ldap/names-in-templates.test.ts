import { expect, test } from "vitest";
import { dnWith, filterWith } from "./names-in-templates.ts";

test.each([
  ["bob", "bob", "bob"],
  ["*)(uid=*", "\\2a\\29\\28uid=\\2a", "*)(uid\\3d*"],
  ["bob,ou=admins", "bob,ou=admins", "bob\\2cou\\3dadmins"],
  [" a b ", " a b ", "\\20a b\\20"],
  ["\u0000\\", "\\00\\5c", "\\00\\5c"],
  // Names with patterns to which replaceAll() gives a meaning, such as `$'` for the text after the match.
  ["bob$'", "bob$'", "bob$'"],
  ["bob$`", "bob$`", "bob$`"],
  ["bob$&", "bob$&", "bob$&"],
  ["bob$$", "bob$$", "bob$$"],
])("the name %j changes neither a filter nor a DN", (name, inFilter, inDn) => {
  expect(filterWith("(|(uid=%s)(mail=%s))", name)).toBe(`(|(uid=${inFilter})(mail=${inFilter}))`);
  expect(dnWith("uid=%s,ou=people", name)).toBe(`uid=${inDn},ou=people`);
});
