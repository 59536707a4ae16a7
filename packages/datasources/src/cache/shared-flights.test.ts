import { expect, test } from "vitest";
import { SharedFlights } from "./shared-flights.ts";

const never = (): AbortSignal => new AbortController().signal;

test("a request joins an identical request that is running; a later request is sent again", async () => {
  const flights = new SharedFlights();
  let asked = 0;
  const ask = async (): Promise<number> => ++asked;
  expect(await Promise.all([1, 2, 3].map(() => flights.join("a", never(), ask)))).toEqual([1, 1, 1]);
  expect(await flights.join("a", never(), ask)).toBe(2);
  expect([flights.shared, flights.active]).toEqual([2, 0]);
});

test("a request is cancelled when its last caller disconnects, and sent again for the next caller", async () => {
  const flights = new SharedFlights();
  let given: AbortSignal | undefined;
  const hang = (signal: AbortSignal): Promise<never> =>
    new Promise((_, reject) => {
      given = signal;
      signal.addEventListener("abort", () => reject(signal.reason as Error));
    });
  const [first, second] = [new AbortController(), new AbortController()];
  const waits = [first, second].map(({ signal }) => flights.join("a", signal, hang));
  first.abort(new Error("first left"));
  await expect(waits[0]).rejects.toThrow("first left");
  expect(given!.aborted).toBe(false);
  second.abort(new Error("second left"));
  await expect(waits[1]).rejects.toThrow("second left");
  expect(given!.aborted).toBe(true);
  expect(await flights.join("a", never(), async () => "new")).toBe("new");
  await expect(flights.join("a", first.signal, hang)).rejects.toThrow("first left");
});

test("if a request fails, all waiting callers get the error", async () => {
  const flights = new SharedFlights();
  const fail = (): Promise<never> => Promise.reject(new Error("gone"));
  const waits = [1, 2].map(() => flights.join("a", never(), fail));
  await expect(waits[0]).rejects.toThrow("gone");
  await expect(waits[1]).rejects.toThrow("gone");
});
