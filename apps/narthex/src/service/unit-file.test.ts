import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  commandLine,
  execStart,
  originOf,
  quoteArgument,
  quoteWord,
  settings,
  unitFile,
  UnitFileError,
} from "./unit-file.ts";

/** Arbitrary command-line arguments, often with characters that are special in systemd. */
const argument = fc
  .oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom(..."\\\"'%$;#{}=- \t\n\r@:+!axAs0".split("")) }),
  )
  .map((text) => text.replace(/[\0\p{Noncharacter_Code_Point}\p{Surrogate}]/gu, ""));

describe("quoteWord()", () => {
  test.each([
    ["--web.listen-address=:9090", "--web.listen-address=:9090"],
    ["", '""'],
    ["My server", '"My server"'],
    ["50%", '"50%%"'],
    ['say "hi"', '"say \\"hi\\""'],
    ["C:\\data", '"C:\\\\data"'],
    [";", '";"'],
    ["a\nb", '"a\\x0ab"'],
    ["größe", '"größe"'],
  ])("writes %j as %s", (text, written) => expect(quoteWord(text)).toBe(written));

  test.each(["a\0b", "\ufdd0", "\ud800", "\u{1fffe}"])("refuses %j, which would make a unit unreadable", (text) => {
    expect(() => quoteWord(text)).toThrow(UnitFileError);
  });
});

test("quoteArgument() escapes variables", () => {
  expect(quoteArgument("$HOME/${X}")).toBe('"$$HOME/$${X}"');
});

test("execStart() reads back every command line that a unit file was written with", () =>
  fc.assert(
    fc.property(fc.array(argument), (args) => {
      const unit = unitFile("x", [
        { name: "Service", settings: [["ExecStart", commandLine("/opt/my narthex/bin/narthex", args)]] },
        { name: "Install", settings: [["WantedBy", "multi-user.target"]] },
      ]);
      expect(execStart(unit)).toEqual(["/opt/my narthex/bin/narthex", ...args]);
      expect(settings(unit).at(-1)).toEqual(["WantedBy", "multi-user.target"]);
    }),
  ));

describe("execStart()", () => {
  test("joins continued lines, skips comments, and uses the last ExecStart=", () => {
    const unit =
      "[Service]\nExecStart=/bin/old\nExecStart=\nExecStart=-/bin/x \\\n# no\n  --a=1 \\\n  --b=%%$$\n\n[Install]\n";
    expect(execStart(unit)).toEqual(["/bin/x", "--a=1", "--b=%$"]);
  });

  test("reads a unit that ends with a continued line", () => {
    expect(execStart('[Service]\nExecStart=/pushgateway --web.listen-address=":9091" \\\n')).toEqual([
      "/pushgateway",
      "--web.listen-address=:9091",
    ]);
  });

  test("returns undefined if the unit starts no program", () => expect(execStart("[Unit]\n")).toBeUndefined());
});

describe("originOf()", () => {
  const unit = unitFile("x", [{ name: "Service", settings: [["ExecStart", "/opt/narthex/bin/narthex server"]] }]);
  test.each([
    ["written", unit],
    ["changed", unit.replace("server", "server --web.enable-lifecycle")],
    ["changed", `${unit}Nice=5\n`],
    ["ours", "[Service]\nExecStart=/srv/narthex/bin/narthex pushgateway\n"],
    ["foreign", "[Service]\nExecStart=/usr/bin/prometheus --x=/bin/narthex\n"],
    ["foreign", ""],
  ])("is %s", (origin, text) => expect(originOf(text)).toBe(origin));
});
