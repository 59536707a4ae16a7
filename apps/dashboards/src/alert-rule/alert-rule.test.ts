import { expect, test } from "vitest";
import { withRole } from "../testing/running-role.ts";

test("a rule is generated for users who may query, and an incomplete request is refused", () =>
  withRole({}, async ({ call }) => {
    const made = async (body: object) => call("POST", "/api/narthex/alert-rule", body);
    const asked = { query: { expr: "up" }, condition: { value: 1 }, name: "Down", wait: "1m" };
    const { status, json } = await made(asked);
    expect([status, json.expr, json.forMs, json.problems]).toEqual([200, "up < 1", 60_000, []]);
    expect(json.yaml).toContain("  - alert: Down\n    expr: up < 1\n    for: 1m\n");
    expect((await made({ ...asked, condition: {} })).json.message).toBe(
      "give the value that the query is compared with",
    );
    expect((await made({ ...asked, query: { expr: " " } })).json.message).toBe("the query has no expression");
    expect((await made({ ...asked, query: undefined })).status).toBe(400);
    expect((await made({ ...asked, name: 7 })).status).toBe(400);
  }));
