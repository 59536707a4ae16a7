import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { openTerminal } from "./terminal.ts";

function scene() {
  const [input, output] = [new PassThrough(), new PassThrough()];
  let shown = "";
  output.setEncoding("utf8").on("data", (text: string) => (shown += text));
  return { input, terminal: openTerminal(input, output), shown: () => shown };
}

test("ask() returns a line that the user types, askSecret() a line that is not shown", async () => {
  const { input, terminal, shown } = scene();
  const name = terminal.prompt("Name: ");
  input.write("narthex\n");
  expect(await name).toBe("narthex");
  const password = terminal.promptSecret("Password: ");
  input.write("s3cret\n");
  expect(await password).toBe("s3cret");
  terminal.close();
  expect(shown()).toContain("Password: ");
  expect(shown()).not.toContain("s3cret");
});

test.each([
  ["Ctrl-C", "\u0003"],
  ["Ctrl-D", "\u0004"],
])("%s refuses the question that is open", async (_, key) => {
  const { input, terminal } = scene();
  const answer = terminal.prompt("Name: ");
  input.write(key);
  await expect(answer).rejects.toThrow("nothing was written");
  terminal.close();
});
