import { expect, test } from "vitest";
import { memoryLogger } from "../testing/index.ts";
import { AnswerBudget } from "./answer-budget.ts";
import { RequestTurns } from "./request-turns.ts";

test("if a turn is cancelled, the next request gets it", async () => {
  const turns = new RequestTurns(new AnswerBudget({ limit: 1, stalledMs: 1000, logger: memoryLogger() }));
  const ran: string[] = [];
  turns.take("a", () => ran.push("first"));
  const giveUp = turns.take("a", () => ran.push("gone"));
  turns.take("a", () => ran.push("last"));
  giveUp();
  await new Promise((resolve) => setImmediate(resolve));
  expect(ran).toEqual(["first", "last"]);
});
