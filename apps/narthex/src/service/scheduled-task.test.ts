import fc from "fast-check";
import { expect, test } from "vitest";
import { type ScheduledTask, taskCommand, TaskError, taskXml } from "./scheduled-task.ts";
import { xmlOrigin } from "./written-mark.ts";

const task = (command: readonly string[], environment: Readonly<Record<string, string>> = {}): ScheduledTask => ({
  path: "\\Narthex\\x",
  description: "X & Y",
  user: "S-1-5-19",
  command,
  environment,
  log: "C:\\logs\\x.log",
});

const argument = fc.string({ unit: fc.constantFrom(..."\\&<>|^ ;'=()!aöC:-/lgt".split("")) });

test("taskCommand() reads back every command line that taskXml() has written", () =>
  fc.assert(
    fc.property(fc.array(argument, { minLength: 1 }), (args) => {
      const text = taskXml(task(args, { A: "b c" }));
      expect(taskCommand(text)).toEqual(args);
      expect(xmlOrigin(text)).toBe("written");
    }),
    { examples: [[["a >> b", "c"]]] },
  ));

test("taskXml() sets variables, appends to the log and runs without a time limit", () => {
  const text = taskXml(task(["C:\\My Programs\\node.exe", "--a=b\\"], { A: "1" }));
  expect(text).toContain(
    String.raw`/d /s /c "move /y "C:\logs\x.log" "C:\logs\x.log.old" &gt;nul 2&gt;&amp;1 &amp; set "A=1"&amp;&amp; "C:\My Programs\node.exe" "--a=b\\" &gt;&gt; "C:\logs\x.log" 2&gt;&amp;1"`,
  );
  expect(text).toContain("<ExecutionTimeLimit>PT0S</ExecutionTimeLimit>");
  expect(text).toContain("<Description>X &amp; Y</Description>");
});

test.each(['say "hi"', "50%", "a\nb"])("an argument that cmd.exe would change is refused: %j", (word) => {
  expect(() => taskXml(task(["x", word]))).toThrow(TaskError);
});
