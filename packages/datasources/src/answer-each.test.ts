import { expect, test } from "vitest";
import { answerEach } from "./answer-each.ts";
import { QueryFailure } from "./query-failure.ts";
import { never, queryOf } from "./testing/fake-server.ts";

const queries = ["A", "B", "C"].map((refId) => queryOf({}, [0, 60], refId));

test("an error of one query becomes its answer, also if it is thrown before the first wait", async () => {
  const answers = await answerEach(queries, never(), ({ refId }, index) => {
    if (refId === "B") throw new QueryFailure(422, "too many");
    return refId === "C"
      ? Promise.reject(new Error("a bug"))
      : Promise.resolve({ frames: [{ refId, length: index, fields: [] }], status: 200 });
  });
  expect([...answers.keys()]).toEqual(["A", "B", "C"]);
  expect(answers.get("A")).toMatchObject({ status: 200, frames: [{ length: 0 }] });
  expect(answers.get("B")).toEqual({ frames: [], error: "too many", status: 422 });
  expect(answers.get("C")).toMatchObject({ status: 500, fault: new Error("a bug") });
});

test("after an abort, the reason of the signal is thrown instead of answers", async () => {
  const controller = new AbortController();
  const running = answerEach(queries, controller.signal, () => {
    controller.abort(new Error("gone"));
    return Promise.reject(new Error("cancelled"));
  });
  await expect(running).rejects.toThrow("gone");
});
