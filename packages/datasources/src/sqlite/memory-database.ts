import { constants, DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import {
  mysqlFunctions,
  NO_VALUES,
  SQLITE_FUNCTIONS,
  type SqlFunction,
  type SqlValue,
  type Variance,
  VARIANCES,
  withoutValue,
  withValue,
} from "../expressions/sql/mysql-functions.ts";
import type { LoadRequest, TableColumn } from "./sqlite-messages.ts";

/** Actions that a statement over tables in memory may take, besides calls of functions. */
const ACTIONS: ReadonlySet<number> = new Set([
  constants.SQLITE_SELECT,
  constants.SQLITE_READ,
  constants.SQLITE_RECURSIVE,
]);

/** A database in memory for one SQL expression: its tables, and the functions of MySQL. */
export class MemoryDatabase {
  readonly database: DatabaseSync;
  readonly #functions: ReadonlySet<string>;
  #table: { readonly name: string; readonly columns: readonly TableColumn[] } | undefined;
  #insert: StatementSync | undefined;

  /** @param maxValueBytes longest text, also of intermediate results */
  constructor(nowMs: number, maxValueBytes: number) {
    this.database = new DatabaseSync(":memory:", {
      allowExtension: false,
      limits: { attach: 0, length: maxValueBytes },
    });
    this.database.exec("PRAGMA temp_store = MEMORY");
    const functions = mysqlFunctions(nowMs);
    for (const [name, run] of functions) this.#define(name, run);
    for (const [name, result] of Object.entries(VARIANCES)) this.#defineVariance(name, result);
    const own = [...functions.keys(), ...Object.keys(VARIANCES)].map((name) => name.toLowerCase());
    this.#functions = new Set([...SQLITE_FUNCTIONS, ...own]);
  }

  close(): void {
    this.database.close();
  }

  load(request: LoadRequest): void {
    switch (request.kind) {
      case "table":
        return this.#create(request.name, request.columns);
      case "insert":
        for (const row of request.rows) this.#insert!.run(...(row as readonly SQLInputValue[]));
        return;
      case "sort":
        return this.#sort(request.columns);
      case "readonly":
        return this.#refuseWrites();
      case "memory":
        throw new Error("the database in memory is open");
    }
  }

  #create(name: string, columns: readonly TableColumn[]): void {
    this.#table = { name, columns };
    this.database.exec(`CREATE TABLE ${quoted(name)} (${columns.map(definition).join(", ")})`);
    const marks = columns.map(() => "?").join(", ");
    this.#insert = this.database.prepare(`INSERT INTO ${quoted(name)} VALUES (${marks})`);
  }

  /** Writes the rows again in the order of columns, so that a statement without ORDER BY returns them in this order. */
  #sort(by: readonly string[]): void {
    const { name, columns } = this.#table!;
    this.database.exec(`
      CREATE TABLE temp.sorted (${columns.map(definition).join(", ")});
      INSERT INTO temp.sorted SELECT * FROM main.${quoted(name)} ORDER BY ${by.map(quoted).join(", ")};
      DELETE FROM main.${quoted(name)};
      INSERT INTO main.${quoted(name)} SELECT * FROM temp.sorted ORDER BY rowid;
      DROP TABLE temp.sorted;`);
  }

  #refuseWrites(): void {
    this.#insert = undefined;
    this.database.exec("PRAGMA query_only = 1");
    this.database.setAuthorizer((action, first, second) => {
      if (action === constants.SQLITE_FUNCTION)
        return this.#functions.has(String(second).toLowerCase()) ? constants.SQLITE_OK : constants.SQLITE_DENY;
      const isSchema = action === constants.SQLITE_READ && String(first).toLowerCase().startsWith("sqlite_");
      return ACTIONS.has(action) && !isSchema ? constants.SQLITE_OK : constants.SQLITE_DENY;
    });
  }

  #define(name: string, run: SqlFunction): void {
    this.database.function(name, { varargs: true, deterministic: true, useBigIntArguments: true }, (...args) =>
      run(...args.map(valueOf)),
    );
  }

  #defineVariance(name: string, result: (sum: Variance) => SqlValue): void {
    this.database.aggregate(name, {
      start: () => NO_VALUES as never,
      step: (sum, value) => withValue(sum as unknown as Variance, valueOf(value)) as never,
      inverse: (sum, value) => withoutValue(sum as unknown as Variance, valueOf(value)) as never,
      result: (sum) => result(sum as unknown as Variance),
    });
  }
}

function valueOf(value: unknown): SqlValue {
  if (typeof value === "bigint") return Number(value);
  return typeof value === "string" || typeof value === "number" ? value : null;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function definition({ name, type }: TableColumn): string {
  return `${quoted(name)} ${type}`;
}
