import { createCipheriv, pbkdf2Sync } from "node:crypto";
import { DatabaseSync } from "node:sqlite";

/** Rows of tables, by the table's name. The first row determines the columns. */
export type Tables = Readonly<Record<string, readonly Readonly<Record<string, string | number | null | Uint8Array>>[]>>;

/** Writes a database file with some of Grafana's tables. */
export function writeGrafanaFile(file: string, tables: Tables): void {
  const database = new DatabaseSync(file);
  database.exec("BEGIN");
  for (const [table, rows] of Object.entries(tables)) {
    const columns = Object.keys(rows[0]!);
    database.exec(`CREATE TABLE "${table}" (${columns.map((name) => `"${name}"`).join()})`);
    const insert = database.prepare(`INSERT INTO "${table}" VALUES (${columns.map(() => "?").join()})`);
    for (const row of rows) insert.run(...columns.map((name) => row[name] ?? null));
  }
  database.exec("COMMIT");
  database.close();
}

/** Returns a password hash in Grafana's format. */
export const grafanaPassword = (password: string, salt: string): string =>
  pbkdf2Sync(password, salt, 10_000, 50, "sha256").toString("hex");

/** Encrypts a secret in the same way as Grafana up to version 8. Returns it in base64. */
export function grafanaSecret(secret: string, secretKey: string): string {
  const [salt, iv] = [Buffer.from("pepper!!"), Buffer.alloc(16, 7)];
  const cipher = createCipheriv("aes-256-cfb", pbkdf2Sync(secretKey, salt, 10_000, 32, "sha256"), iv);
  return Buffer.concat([salt, iv, cipher.update(secret), cipher.final()]).toString("base64");
}
