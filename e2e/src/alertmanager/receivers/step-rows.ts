import { CHAT_ROWS } from "./chat-rows.ts";
import type { SeenRequest } from "./fake-service.ts";
import { json, type ReceiverRow } from "./receiver-row.ts";

const STATUSES = [300, 400, 401, 429, 500];

/**
 * Test cases whose receiver sends several requests for a notification. `fails` selects the later request that the fake
 * service refuses.
 */
const STEPS: readonly (readonly [row: string, step: string, fails: (request: SeenRequest) => boolean])[] = [
  ["jira: none yet", "makes an issue", ({ path }) => path.endsWith("/issue")],
  ["jira: open", "updates the issue", ({ method }) => method === "PUT"],
  ["jira: done", "asks for transitions", ({ method }) => method === "GET"],
  ["jira: done", "moves the issue", ({ method, path }) => method === "POST" && path.endsWith("/transitions")],
  ["wechat: as it is", "sends the message", ({ path }) => path.includes("/message/send")],
];

/**
 * Test cases in which the fake service refuses a later request of a notification. The other requests are answered as in
 * the named test case.
 */
export const STEP_ROWS: readonly ReceiverRow[] = STEPS.flatMap(([name, step, fails]) => {
  const row = CHAT_ROWS.find(({ kind, title }) => `${kind}: ${title}` === name)!;
  return STATUSES.map((status) => ({
    ...row,
    title: `${row.title}, ${step}, ${status}`,
    answer: (request: SeenRequest) => (fails(request) ? json({ errmsg: "m" }, status) : (row.answer?.(request) ?? {})),
  }));
});
