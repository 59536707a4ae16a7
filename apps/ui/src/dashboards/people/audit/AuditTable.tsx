import { Text, UnstyledButton } from "@mantine/core";
import { useMemo, useState } from "react";
import { formatInstantWithZone } from "../../../format/instant.ts";
import type { DataColumn } from "../../../shell/DataTable.tsx";
import { useTimeZone } from "../../../shell/time-zone.ts";
import { CardTable } from "../frame/CardTable.tsx";
import type { AuditRecord } from "./audit-api.ts";
import { AuditDetail } from "./AuditDetail.tsx";
import { ACTION_WORDS, actorText, KIND_WORDS } from "./audit-words.ts";

/** Lists audit records, newest first. A click on the action opens the record's details. */
export function AuditTable({ records }: { records: readonly AuditRecord[] }) {
  const zone = useTimeZone();
  const [openId, setOpenId] = useState("");
  const columns = useMemo(
    () => columnsFor(zone, openId, (id) => setOpenId((open) => (open === id ? "" : id))),
    [zone, openId],
  );
  return (
    <CardTable
      aria-label="Audit log"
      columns={columns}
      items={records}
      keyOf={({ id }) => id}
      detail={detailOf(openId)}
      virtual
      estimatedHeight={() => 44}
    />
  );
}

const detailOf = (openId: string) => (record: AuditRecord) =>
  record.id === openId ? <AuditDetail record={record} /> : null;

const columnsFor = (
  zone: string,
  openId: string,
  onToggle: (id: string) => void,
): readonly DataColumn<AuditRecord>[] => [
  { header: "Time", cell: ({ time }) => formatInstantWithZone(time, zone), width: 230 },
  { header: "Who", cell: actorText, className: "wrap-anywhere" },
  {
    header: "Action",
    className: "wrap-anywhere",
    cell: (record) => (
      <ActionButton record={record} isOpen={record.id === openId} onClick={() => onToggle(record.id)} />
    ),
  },
  { header: "Address", cell: ({ address = "" }) => address, className: "wrap-anywhere" },
];

/** Kinds of objects that are not shown in the table, because the text of the action already names them. */
const IMPLIED: ReadonlySet<string> = new Set(["session"]);

const whatText = (kind: string, name: string): string =>
  [IMPLIED.has(kind) ? "" : (KIND_WORDS[kind] ?? kind).toLowerCase(), name === "" ? "" : `“${name}”`].join(" ").trim();

function ActionButton({
  record: { action, kind, name = "" },
  isOpen,
  onClick,
}: {
  record: AuditRecord;
  isOpen: boolean;
  onClick: () => void;
}) {
  return (
    <UnstyledButton onClick={onClick} aria-expanded={isOpen} ta="left" fz="sm">
      <Text span inherit fw={600}>
        {ACTION_WORDS[action] ?? action}
      </Text>{" "}
      {whatText(kind, name)}
    </UnstyledButton>
  );
}
