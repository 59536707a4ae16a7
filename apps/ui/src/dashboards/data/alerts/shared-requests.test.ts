import { expect, test } from "vitest";
import { SharedRequests } from "./shared-requests.ts";

/** Returns a request function whose responses the test sends. */
function fakeRequest() {
  const sent: { signal: AbortSignal; answer: (text: string) => void; fail: (error: Error) => void }[] = [];
  const send = (signal: AbortSignal) =>
    new Promise<string>((resolve, reject) => void sent.push({ signal, answer: resolve, fail: reject }));
  return { sent, send };
}
const turn = () => Promise.resolve().then(() => undefined);

test("two callers share one request, which is aborted when both have aborted", async () => {
  const { sent, send } = fakeRequest();
  const requests = new SharedRequests();
  const [one, two] = [new AbortController(), new AbortController()];
  void requests.get("rules", "a", one.signal, send);
  void requests.get("rules", "a", two.signal, send);
  expect(sent).toHaveLength(1);
  one.abort();
  await turn();
  expect(sent[0]!.signal.aborted).toBe(false);
  two.abort();
  await turn();
  expect(sent[0]!.signal.aborted).toBe(true);
  void requests.get("rules", "a", new AbortController().signal, send);
  expect(sent).toHaveLength(2);
});

test("a caller that aborts and requests again in the same turn shares the running request", async () => {
  const { sent, send } = fakeRequest();
  const requests = new SharedRequests();
  const control = new AbortController();
  void requests.get("rules", "a", control.signal, send);
  control.abort();
  const again = requests.get("rules", "a", new AbortController().signal, send);
  await turn();
  sent[0]!.answer("x");
  expect([sent.length, sent[0]!.signal.aborted, await again]).toEqual([1, false, "x"]);
});

test("an answer is cached until its maximum age or a request with a different key, and a failure is not cached", async () => {
  const { sent, send } = fakeRequest();
  const requests = new SharedRequests();
  const { signal } = new AbortController();
  const first = requests.get("s", "a", signal, send);
  sent[0]!.answer("x");
  await first;
  expect(await requests.get("s", "a", signal, send)).toBe("x");
  void requests.get("s", "a", signal, send, 0);
  expect(sent).toHaveLength(2);
  const failed = requests.get("s", "b", signal, send);
  sent[2]!.fail(new Error("no"));
  await expect(failed).rejects.toThrow("no");
  void requests.get("s", "b", signal, send);
  expect(sent).toHaveLength(4);
});
