import { Group, NativeSelect } from "@mantine/core";
import { SearchInput } from "../../../shell/SearchInput.tsx";
import { ACTION_WORDS, KIND_WORDS } from "./audit-words.ts";

/** The filters of the audit log as texts, as in the page's URL. */
export interface FilterTexts {
  readonly q: string;
  readonly actor: string;
  readonly kind: string;
  readonly action: string;
  /** Length of the time range in ms; empty for all records. */
  readonly span: string;
}

const HOUR_MS = 3_600_000;

const SPANS = [
  { value: "", label: "All times" },
  { value: String(HOUR_MS), label: "Last hour" },
  { value: String(24 * HOUR_MS), label: "Last 24 hours" },
  { value: String(7 * 24 * HOUR_MS), label: "Last 7 days" },
  { value: String(30 * 24 * HOUR_MS), label: "Last 30 days" },
];

const choices = (all: string, words: Readonly<Record<string, string>>) => [
  { value: "", label: all },
  ...Object.entries(words).map(([value, label]) => ({ value, label })),
];

const ACTIONS = choices("All actions", ACTION_WORDS);
const KINDS = choices("All records", KIND_WORDS);

export function AuditFilters({
  filter: { q, actor, kind, action, span },
  onChange,
}: {
  filter: FilterTexts;
  onChange: (name: keyof FilterTexts, text: string) => void;
}) {
  const select = (name: "kind" | "action" | "span", label: string, value: string, data: typeof KINDS) => (
    <NativeSelect
      size="sm"
      aria-label={label}
      value={value}
      data={data}
      onChange={({ currentTarget }) => onChange(name, currentTarget.value)}
    />
  );
  return (
    <Group gap="xs" mb="sm" role="search" aria-label="Filters of the audit log">
      <SearchInput label="Search names and values" value={q} onChange={(text) => onChange("q", text)} />
      <SearchInput label="User or service account" value={actor} onChange={(text) => onChange("actor", text)} />
      {select("kind", "Kind of record", kind, KINDS)}
      {select("action", "Action", action, ACTIONS)}
      {select("span", "Time", span, SPANS)}
    </Group>
  );
}
