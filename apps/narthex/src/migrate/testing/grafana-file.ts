import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";

interface Tables {
  readonly [table: string]: readonly Readonly<Record<string, string | number | null>>[];
}

/** Tables of Grafana 12, with the columns that tests use. */
const SCHEMA = `
CREATE TABLE dashboard (id INTEGER PRIMARY KEY, uid TEXT, title TEXT, slug TEXT, data TEXT NOT NULL, org_id INTEGER NOT NULL DEFAULT 1,
  is_folder INTEGER NOT NULL DEFAULT 0, folder_id INTEGER NOT NULL DEFAULT 0, folder_uid TEXT, deleted DATETIME);
CREATE TABLE folder (id INTEGER PRIMARY KEY, uid TEXT, org_id INTEGER NOT NULL DEFAULT 1, title TEXT, parent_uid TEXT);
CREATE TABLE dashboard_provisioning (id INTEGER PRIMARY KEY, dashboard_id INTEGER, name TEXT);
CREATE TABLE library_element (id INTEGER PRIMARY KEY, org_id INTEGER NOT NULL DEFAULT 1, uid TEXT, model TEXT);
CREATE TABLE data_source (id INTEGER PRIMARY KEY, org_id INTEGER NOT NULL DEFAULT 1, type TEXT, name TEXT, access TEXT, url TEXT,
  user TEXT, database TEXT, basic_auth INTEGER DEFAULT 0, basic_auth_user TEXT, is_default INTEGER DEFAULT 0, json_data TEXT,
  secure_json_data TEXT, with_credentials INTEGER DEFAULT 0, uid TEXT);
CREATE TABLE org (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE user (id INTEGER PRIMARY KEY, login TEXT);
CREATE TABLE dashboard_acl (id INTEGER PRIMARY KEY, org_id INTEGER, dashboard_id INTEGER, user_id INTEGER, team_id INTEGER,
  permission INTEGER, role TEXT);
CREATE TABLE permission (id INTEGER PRIMARY KEY, role_id INTEGER, action TEXT, scope TEXT);
CREATE TABLE role (id INTEGER PRIMARY KEY, org_id INTEGER, name TEXT);
CREATE TABLE builtin_role (id INTEGER PRIMARY KEY, org_id INTEGER, role_id INTEGER, role TEXT);
CREATE TABLE resource (guid TEXT, resource TEXT, namespace TEXT, name TEXT, value TEXT, action INTEGER, folder TEXT);
CREATE TABLE alert_rule (id INTEGER PRIMARY KEY, title TEXT);
CREATE TABLE dashboard_public (uid TEXT);
CREATE TABLE dashboard_snapshot (id INTEGER PRIMARY KEY);
CREATE TABLE dashboard_version (id INTEGER PRIMARY KEY);
CREATE TABLE preferences (id INTEGER PRIMARY KEY);
CREATE TABLE star (id INTEGER PRIMARY KEY);
`;

/** Writes an SQLite database in Grafana's format that contains the given rows. */
export function writeGrafanaDatabase(path: string, tables: Tables): void {
  mkdirSync(dirname(path), { recursive: true });
  const database = new DatabaseSync(path);
  database.exec(SCHEMA);
  for (const [table, rows] of Object.entries(tables)) {
    for (const row of rows) {
      const names = Object.keys(row);
      const marks = names.map(() => "?").join();
      database.prepare(`INSERT INTO ${table} (${names.join()}) VALUES (${marks})`).run(...Object.values(row));
    }
  }
  database.close();
}
