import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { flag } from "./flags.ts";
import { measureAttack, type AttackFigures } from "./measure-attack.ts";
import { ROLES, SIDES, startRole } from "./roles.ts";
import { pipeline, PIPELINE_NAME } from "./unread-connections.ts";

const ONLY = flag("roles", ROLES.map(({ name }) => name).join(",")).split(",");

/**
 * Opens connections to each server and to the program that it replaces. The connections pipeline requests for /metrics
 * and never read the answers.
 */
export async function* pipelineScene(folder: string): AsyncGenerator<AttackFigures> {
  for (const role of ROLES.filter(({ name }) => ONLY.includes(name)))
    for (const side of SIDES) {
      const own = join(folder, `${role.name}-${side}`);
      mkdirSync(own);
      await using server = await startRole(role, side, own);
      const endured = await measureAttack(server.program, `${server.base}${role.healthy}`, async () =>
        pipeline(server.base),
      );
      yield {
        scene: `${PIPELINE_NAME}, ${role.name}`,
        program: side,
        scrapes: undefined,
        ...endured,
      };
    }
}
