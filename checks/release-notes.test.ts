import { expect, test } from "vitest";
import { releaseNotes, tagProblem } from "./release-notes.ts";

const changelog = `# Changelog

For users.

## Unreleased

- \`feature\` not out yet

## 1.10.0 - 2026-03-01

- \`fix\` ten

### Details

More of ten.

## [1.1.0]

- \`fix\` one
`;

test.each([
  ["Unreleased", "- `feature` not out yet\n"],
  ["1.10.0", "- `fix` ten\n\n### Details\n\nMore of ten.\n"],
  ["v1.10.0", "- `fix` ten\n\n### Details\n\nMore of ten.\n"],
  ["1.1.0", "- `fix` one\n"],
])("the notes of %s are its section, up to the next one", (version, notes) => {
  expect(releaseNotes(changelog, version)).toBe(notes);
});

test.each(["1.1", "1.10", "2.0.0", "vUnreleased"])(
  "%s has no section, even if another version begins with the same text",
  (version) => {
    expect(releaseNotes(changelog, version)).toBeUndefined();
  },
);

test("a tag must be the version of the program", () => {
  expect(tagProblem("v1.2.0", "1.2.0")).toBeUndefined();
  expect(tagProblem("Unreleased", "1.2.0")).toBeUndefined();
  expect(tagProblem("v1.2.1", "1.2.0")).toContain("the tag v1.2.1 is not the version 1.2.0");
});
