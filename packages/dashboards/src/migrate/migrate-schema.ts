import { quoted } from "../model/findings.ts";
import { type MutableJson, numberOf, ownValue } from "../model/json.ts";
import type { Migration, MigrationContext } from "./migration.ts";
import { toV2 } from "./versions/v02.ts";
import { toV4 } from "./versions/v04.ts";
import { toV6 } from "./versions/v06.ts";
import { toV7 } from "./versions/v07.ts";
import { toV8 } from "./versions/v08.ts";
import { toV9 } from "./versions/v09.ts";
import { toV10 } from "./versions/v10.ts";
import { toV12 } from "./versions/v12.ts";
import { toV13 } from "./versions/v13.ts";
import { toV14 } from "./versions/v14.ts";
import { toV16 } from "./versions/v16.ts";
import { toV17 } from "./versions/v17.ts";
import { toV18 } from "./versions/v18.ts";
import { toV19 } from "./versions/v19.ts";
import { toV20 } from "./versions/v20.ts";
import { toV21 } from "./versions/v21.ts";
import { toV22 } from "./versions/v22.ts";
import { toV23 } from "./versions/v23.ts";
import { toV24 } from "./versions/v24.ts";
import { toV26 } from "./versions/v26.ts";
import { toV27 } from "./versions/v27.ts";
import { toV28 } from "./versions/v28.ts";
import { toV29 } from "./versions/v29.ts";
import { toV30 } from "./versions/v30.ts";
import { toV31 } from "./versions/v31.ts";
import { toV33 } from "./versions/v33.ts";
import { toV35 } from "./versions/v35.ts";
import { toV36 } from "./versions/v36.ts";
import { toV37 } from "./versions/v37.ts";
import { toV38 } from "./versions/v38.ts";
import { toV39 } from "./versions/v39.ts";
import { toV40 } from "./versions/v40.ts";
import { toV41 } from "./versions/v41.ts";
import { toV42 } from "./versions/v42.ts";
import { toV43 } from "./versions/v43.ts";

/**
 * Migrations of the classic dashboard schema, in order of version. Missing versions need no step: 3 gave panels ids
 * (`assignPanelIds` does this for every version), 34 concerns CloudWatch, and 1, 5, 11, 15, 25 and 32 were empty. To
 * add a step: (1) copy `versions/v41.ts`, the shortest; (2) add a line here; (3) raise `NEWEST_SCHEMA`; (4) add a case
 * to the test.
 */
const MIGRATIONS: readonly Migration[] = [
  toV2,
  toV4,
  toV6,
  toV7,
  toV8,
  toV9,
  toV10,
  toV12,
  toV13,
  toV14,
  toV16,
  toV17,
  toV18,
  toV19,
  toV20,
  toV21,
  toV22,
  toV23,
  toV24,
  toV26,
  toV27,
  toV28,
  toV29,
  toV30,
  toV31,
  toV33,
  toV35,
  toV36,
  toV37,
  toV38,
  toV39,
  toV40,
  toV41,
  toV42,
  toV43,
];

/** Migrates a dashboard's JSON to the newest classic schema, in place. */
export function migrateSchema(dashboard: MutableJson, context: MigrationContext): void {
  const from = schemaVersionOf(dashboard);
  const newest = MIGRATIONS.at(-1)!.to;
  for (const migration of MIGRATIONS) if (migration.to > from) migration.migrate(dashboard, context);
  const was = ownValue(dashboard, "schemaVersion");
  dashboard["schemaVersion"] = newest;
  const what = was === undefined ? "had no schema version" : `had schema ${quoted(was)}`;
  context.findings.change("schemaVersion", `The dashboard ${what}; it now has schema ${newest}.`);
}

function schemaVersionOf(dashboard: MutableJson): number {
  return numberOf(ownValue(dashboard, "schemaVersion")) ?? 0;
}
