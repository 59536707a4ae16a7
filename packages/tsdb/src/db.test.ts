import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { describeStorage } from "@narthex/storage/testing";
import { openTsdb } from "./db.ts";

describeStorage("openTsdb()", async () => {
  const dir = mkdtempSync(join(tmpdir(), "narthex-tsdb-"));
  const db = await openTsdb(dir, { clock: new ManualClock(), logger: memoryLogger(), maxExemplars: 100 });
  return {
    appendable: db.appendable,
    queryable: db.queryable,
    async close() {
      await db.close();
      rmSync(dir, { recursive: true });
    },
  };
});
