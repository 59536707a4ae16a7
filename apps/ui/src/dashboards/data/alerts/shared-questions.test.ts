import { expect, test } from "vitest";
import { SharedQuestions } from "./shared-questions.ts";

/** Returns a request function whose responses the test sends. */
function asking() {
  const asked: { signal: AbortSignal; answer: (text: string) => void; fail: (error: Error) => void }[] = [];
  const ask = (signal: AbortSignal) =>
    new Promise<string>((resolve, reject) => void asked.push({ signal, answer: resolve, fail: reject }));
  return { asked, ask };
}
const turn = () => Promise.resolve().then(() => undefined);

test("two callers share one request, which is aborted when both have aborted", async () => {
  const { asked, ask } = asking();
  const questions = new SharedQuestions();
  const [one, two] = [new AbortController(), new AbortController()];
  void questions.get("rules", "a", one.signal, ask);
  void questions.get("rules", "a", two.signal, ask);
  expect(asked).toHaveLength(1);
  one.abort();
  await turn();
  expect(asked[0]!.signal.aborted).toBe(false);
  two.abort();
  await turn();
  expect(asked[0]!.signal.aborted).toBe(true);
  void questions.get("rules", "a", new AbortController().signal, ask);
  expect(asked).toHaveLength(2);
});

test("a caller that aborts and requests again in the same turn shares the running request", async () => {
  const { asked, ask } = asking();
  const questions = new SharedQuestions();
  const control = new AbortController();
  void questions.get("rules", "a", control.signal, ask);
  control.abort();
  const again = questions.get("rules", "a", new AbortController().signal, ask);
  await turn();
  asked[0]!.answer("x");
  expect([asked.length, asked[0]!.signal.aborted, await again]).toEqual([1, false, "x"]);
});

test("an answer is cached until its maximum age or a request with a different key, and a failure is not cached", async () => {
  const { asked, ask } = asking();
  const questions = new SharedQuestions();
  const { signal } = new AbortController();
  const first = questions.get("s", "a", signal, ask);
  asked[0]!.answer("x");
  await first;
  expect(await questions.get("s", "a", signal, ask)).toBe("x");
  void questions.get("s", "a", signal, ask, 0);
  expect(asked).toHaveLength(2);
  const failed = questions.get("s", "b", signal, ask);
  asked[2]!.fail(new Error("no"));
  await expect(failed).rejects.toThrow("no");
  void questions.get("s", "b", signal, ask);
  expect(asked).toHaveLength(4);
});
