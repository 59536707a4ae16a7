import { resolve } from "node:path";
import { Readable } from "node:stream";
import { family } from "@narthex/exposition";
import type { Feature } from "@narthex/http";
import type { FastifyInstance } from "fastify";
import type { Users } from "../auth/users/users.ts";
import { needs } from "../auth/rights.ts";
import type { Context } from "../context.ts";
import type { Stores } from "../state/stores.ts";
import { queryOf } from "../web/request-body.ts";
import { AuditFile } from "./audit-file.ts";
import { AuditLog } from "./audit-log.ts";
import type { AuditedEvent } from "./audit-record.ts";
import { auditLines, auditPage, auditQuery, pageLength } from "./audit-search.ts";
import { auditedStore } from "./audited-store.ts";
import { observeRequests } from "./request-events.ts";

export interface Audit extends Feature {
  /** Stores that record each change in the audit log. */
  readonly stores: Stores;
  /** Records an event that changes no stored object, such as a failed sign-in. */
  note(event: AuditedEvent): Promise<void>;
  /** Sets the users, from which the audit log gets login names. Must be called after the users are loaded. */
  setUsers(users: Users): void;
  /** Adds hooks that record events of requests. Must be called before all other hooks are added. */
  observe(app: FastifyInstance): void;
}

/** Opens the audit log. If it is disabled, the returned stores record nothing. */
export function openAudit(context: Context, stores: Stores): Audit {
  const { clock, logger, settings, host } = context;
  if (!settings["audit.enabled"])
    return {
      name: "audit",
      stores,
      note: async () => undefined,
      setUsers: () => undefined,
      observe: () => undefined,
    };
  const path = settings["audit.file"];
  const log = new AuditLog(stores.store, {
    clock,
    logger,
    maxAgeMs: settings["audit.max_age"],
    maxRecords: settings["audit.max_records"],
    file: path === "" ? undefined : new AuditFile(resolve(host.cwd, path), logger),
  });
  let users: Users | undefined;
  const loginOf = (id: number): string | undefined => users?.account(id)?.login;
  return {
    name: "audit",
    stores: { ...stores, store: auditedStore(stores.store, log, loginOf) },
    note: (event) => log.note(event),
    setUsers: (opened) => void (users = opened),
    observe: (app) =>
      observeRequests(app, { log, clock, isKnownName: (name) => name !== "" && users?.holderOf(name) !== undefined }),
    routes: ({ app }) => auditRoutes(app, log),
    metrics: [() => familiesOf(log)],
    stop: () => log.close(),
  };
}

function auditRoutes(app: FastifyInstance, log: AuditLog): void {
  const right = needs("server-admin", "audit:read");
  app.get("/api/narthex/audit", right, (request) => {
    const query = queryOf(request);
    return auditPage(log, auditQuery(query), pageLength(query));
  });
  app.get("/api/narthex/audit/export", right, (request, reply) => {
    const lines = Readable.from(auditLines(log, auditQuery(queryOf(request))), { objectMode: false });
    return reply
      .type("application/x-ndjson; charset=utf-8")
      .header("content-disposition", 'attachment; filename="audit.jsonl"')
      .send(lines);
  });
}

function familiesOf(log: AuditLog) {
  const { written, lost, lostInFile } = log.counts;
  const counter = (name: string, help: string, value: number) =>
    family("counter", `narthex_dashboards_audit_${name}_total`, help, value);
  return [
    counter("records", "Number of records of the audit log that this instance has written.", written),
    counter("lost_events", "Number of events that the store has not accepted.", lost),
    counter("lost_lines", "Number of records that are not in the file of the audit log.", lostInFile),
  ];
}
