import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Dice } from "../../support/dice.ts";

/**
 * Fills a folder with runit services: complete ones, incomplete ones, links to services, and entries that are not
 * services.
 */
export function randomRunit(dice: Dice, folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (let i = dice.roll(8); i > 0; i--) {
    const name = `${dice.pick(["web", "db-", "ü", "a b"])}${i}`;
    const isLinked = dice.chance(30);
    const home = isLinked ? join(folder, "..", `home-of-${name}`) : join(folder, name);
    mkdirSync(join(home, "supervise"), { recursive: true });
    if (isLinked) symlinkSync(home, join(folder, name));
    if (dice.chance(30)) writeFileSync(join(home, "supervise/down"), "");
    if (!dice.chance(85)) continue;
    const status = Buffer.alloc(24, dice.roll(256));
    status.writeBigUInt64BE(4_611_686_018_427_387_914n + BigInt(dice.roll(2 ** 31)));
    status.write(dice.pick(["u", "d", "\0", "x"]), 17);
    status[19] = dice.pick([0, 1, 2, 255]);
    writeFileSync(join(home, "supervise/status"), status.subarray(0, dice.pick([20, 20, 24, 12, 0])));
  }
  if (dice.chance(30)) writeFileSync(join(folder, "readme"), "no service");
  if (dice.chance(30)) symlinkSync("/nowhere", join(folder, "dangling"));
}
