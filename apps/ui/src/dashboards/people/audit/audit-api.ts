import { encodeParams, fetchJson } from "../../../api/request.ts";
import { rootPath } from "../../../api/root-path.ts";

type ShownValue = string | number | boolean | null | readonly ShownValue[] | { readonly [key: string]: ShownValue };

type ShownProperties = Readonly<Record<string, ShownValue>>;

interface AuditActor {
  readonly kind: string;
  readonly id?: number;
  readonly login?: string;
  readonly tokenId?: number;
}

/** One record of the audit log. */
export interface AuditRecord {
  readonly id: string;
  /** Unix ms. */
  readonly time: number;
  readonly actor: AuditActor;
  readonly action: string;
  /** Kind of the changed record: `dashboard`. */
  readonly kind: string;
  readonly uid?: string;
  readonly name?: string;
  /** Shown properties that differ. */
  readonly before?: ShownProperties;
  readonly after?: ShownProperties;
  /** Properties that differ, whose values are not shown. */
  readonly changed?: readonly string[];
  /** Changed parts of a dashboard's JSON. */
  readonly paths?: readonly string[];
  readonly omitted?: number;
  readonly address?: string;
  readonly requestId?: string;
}

/** The filters of the page. Empty texts accept every record. */
export interface AuditFilter {
  readonly q: string;
  readonly actor: string;
  readonly kind: string;
  readonly action: string;
  /** Start of the time range, Unix ms; empty for all records. */
  readonly from: string;
}

export interface AuditPage {
  readonly records: readonly AuditRecord[];
  /** Value of `before` for the page of older records. */
  readonly next?: string;
}

const PATH = `${rootPath}/api/narthex/audit`;

const given = (filter: AuditFilter): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(filter).filter(([, text]) => text !== ""));

export const fetchAuditPage = (filter: AuditFilter, before: string, signal: AbortSignal): Promise<AuditPage> =>
  fetchJson<AuditPage>(PATH, { params: { ...given(filter), ...(before === "" ? {} : { before }) }, signal });

/** Returns the address of a file with all records that the filter accepts. */
export const exportAddress = (filter: AuditFilter): string => `${PATH}/export?${encodeParams(given(filter))}`;
