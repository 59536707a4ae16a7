import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Workplace } from "../../../support/workplace.ts";
import { mayMount, SmallDisk } from "../../storage/small-disk.ts";
import { RulesServer } from "./rules-server.ts";

const group = (name: string, text: string): string =>
  `name: ${name}\nrules:\n- alert: A\n  expr: vector(1)\n  annotations:\n    text: ${text}\n`;

test.skipIf(!mayMount())(
  "on a full disk a change is answered with the reason, the old rules stay, and changes work again with space (needs root for tmpfs)",
  async () => {
    using workplace = new Workplace();
    using disk = new SmallDisk(workplace.path("disk"), 2);
    const folder = workplace.path("disk", "rules");
    const path = "/config/v1/rules/team";
    await using server = await RulesServer.start(workplace, { folder });
    expect((await server.send("POST", path, { body: group("kept", "x".repeat(1000)) })).status).toBe(202);
    const before = (await server.send("GET", "/config/v1/rules")).body;
    disk.fill();
    const refused = await server.send("POST", path, { body: group("kept", "y".repeat(100_000)) });
    expect(refused.status).toBe(500);
    expect(refused.body).toMatch(/^the rules could not be stored, and are unchanged: .*(?:ENOSPC|full)/);
    expect((await server.send("GET", "/config/v1/rules")).body).toBe(before);
    expect(readdirSync(folder).filter((name) => !name.startsWith("history"))).toEqual(["team.yml"]);
    expect(readFileSync(`${folder}/team.yml`, "utf8")).toContain("xxx");
    disk.free();
    expect((await server.send("POST", path, { body: group("next", "z".repeat(1000)) })).status).toBe(202);
    const { body } = await server.send("GET", "/api/v1/narthex/stored-rules/history");
    const { changes } = (JSON.parse(body) as { data: { changes: readonly { group: string }[] } }).data;
    expect(changes.map((change) => change.group)).toEqual(["next", "kept"]);
  },
);
