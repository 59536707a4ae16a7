import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Random } from "../../support/random.ts";

/**
 * Fills a folder with runit services: complete ones, incomplete ones, links to services, and entries that are not
 * services.
 */
export function randomRunit(random: Random, folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (let i = random.below(8); i > 0; i--) {
    const name = `${random.pick(["web", "db-", "ü", "a b"])}${i}`;
    const isLinked = random.chance(30);
    const home = isLinked ? join(folder, "..", `home-of-${name}`) : join(folder, name);
    mkdirSync(join(home, "supervise"), { recursive: true });
    if (isLinked) symlinkSync(home, join(folder, name));
    if (random.chance(30)) writeFileSync(join(home, "supervise/down"), "");
    if (!random.chance(85)) continue;
    const status = Buffer.alloc(24, random.below(256));
    status.writeBigUInt64BE(4_611_686_018_427_387_914n + BigInt(random.below(2 ** 31)));
    status.write(random.pick(["u", "d", "\0", "x"]), 17);
    status[19] = random.pick([0, 1, 2, 255]);
    writeFileSync(join(home, "supervise/status"), status.subarray(0, random.pick([20, 20, 24, 12, 0])));
  }
  if (random.chance(30)) writeFileSync(join(folder, "readme"), "no service");
  if (random.chance(30)) symlinkSync("/nowhere", join(folder, "dangling"));
}
