import { expect, test } from "vitest";
import { CommandError } from "../../command-line/command.ts";
import { unitCommand } from "./unit-command.ts";

const read = (line: string, env: Record<string, string> = {}, unit = "prometheus.service") => {
  const { program, words, used } = unitCommand(line, { env, unit, place: "u:1" });
  return [program, words, [...used]];
};

test("a variable that is a whole word expands to several words; a variable within a word does not split it", () => {
  const env = { ARGS: String.raw`--a=1 --b='x y' --re=\\d`, PORT: "9 0" };
  expect(read("/usr/bin/prometheus $ARGS --port=${PORT} --price=$$5 ${NONE} $NONE", env)).toEqual([
    "/usr/bin/prometheus",
    ["--a=1", "--b=x y", "--re=\\d", "--port=9 0", "--price=$5", ""],
    ["ARGS", "PORT", "NONE"],
  ]);
});

test("specifiers expand to the unit's name, its instance and the system's folders", () => {
  expect(read("/usr/bin/prometheus --path=%S/p/%i --n=%n --p=100%%", {}, "prometheus@two.service")[1]).toEqual([
    "--path=/var/lib/p/two",
    "--n=prometheus@two.service",
    "--p=100%",
  ]);
});

test("prefix characters are removed from the path, and with @ the next word is the program's name", () => {
  expect(read("-+/usr/bin/prometheus -a")).toEqual(["/usr/bin/prometheus", ["-a"], []]);
  expect(read("@/usr/bin/prometheus prom -a")).toEqual(["/usr/bin/prometheus", ["-a"], []]);
});

test("a shell that only starts the program is skipped; a script is refused with file and line", () => {
  expect(read(`/bin/sh -c "exec /opt/prometheus/prometheus --a='x y'"`)).toEqual([
    "/opt/prometheus/prometheus",
    ["--a=x y"],
    [],
  ]);
  expect(() => read(`/bin/sh -c 'prometheus --a=$$(hostname)'`)).toThrow(CommandError);
  expect(() => read(`/bin/sh -c 'prometheus | logger'`)).toThrow(/^u:1: .*--from-unit/);
});

test("an unclosed quote in a shell's command line is reported with file and line", () => {
  expect(() => read(`/bin/sh -c "prometheus 'a"`)).toThrow(CommandError);
  expect(() => read(`/bin/sh -c "prometheus 'a"`)).toThrow(/^u:1: the quote ' is not closed/);
});

test("values that are known only to systemd are refused with file and line", () => {
  expect(() => read("/usr/bin/prometheus --a=%H")).toThrow(/^u:1: .*specifier %H/);
  expect(() => read("/usr/bin/prometheus --a=${STATE_DIRECTORY}")).toThrow(/^u:1: .*\$\{STATE_DIRECTORY\}/);
  expect(() => read("/usr/bin/prometheus --a=%H")).toThrow(CommandError);
});
