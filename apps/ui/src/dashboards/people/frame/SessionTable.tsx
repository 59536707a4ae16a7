import { Badge, Button, Group, Text } from "@mantine/core";
import { useMemo } from "react";
import type { DataColumn } from "../../../shell/DataTable.tsx";
import { CardTable } from "./CardTable.tsx";
import { browserName, type NamedBrowser } from "./browser-name.ts";
import { TimeText } from "./TimeText.tsx";

/** A session of a signed-in browser. */
export interface Session extends NamedBrowser {
  readonly id: number;
  /** Whether this browser uses the session. */
  readonly isActive: boolean;
  readonly clientIp: string;
  readonly browserVersion: string;
  readonly createdAt: string;
  readonly seenAt: string;
}

/**
 * Lists the sessions of a user, each with a button that ends it. The current session has no button, because the user
 * can sign out instead.
 */
export function SessionTable({ sessions, onEnd }: { sessions: readonly Session[]; onEnd: (session: Session) => void }) {
  const columns = useMemo(() => columnsWith(onEnd), [onEnd]);
  const sorted = useMemo(() => sessions.toSorted((a, b) => b.seenAt.localeCompare(a.seenAt)), [sessions]);
  if (sessions.length === 0)
    return (
      <Text size="sm" p={14}>
        The user is not signed in with any browser.
      </Text>
    );
  return <CardTable aria-label="Sessions" columns={columns} items={sorted} keyOf={({ id }) => String(id)} />;
}

const columnsWith = (onEnd: (session: Session) => void): readonly DataColumn<Session>[] => [
  {
    header: "Browser",
    cell: (session) => (
      <Group gap={8} wrap="wrap">
        <span title={`${session.browser} ${session.browserVersion}`.trim()}>{browserName(session)}</span>
        {session.isActive && <Badge variant="light">This browser</Badge>}
      </Group>
    ),
  },
  { header: "Address", cell: ({ clientIp }) => clientIp, className: "wrap-anywhere" },
  { header: "Signed in", cell: ({ createdAt }) => <TimeText time={createdAt} /> },
  { header: "Last active", cell: ({ seenAt }) => <TimeText time={seenAt} /> },
  {
    header: "",
    width: 90,
    cell: (session) =>
      !session.isActive && (
        <Button
          size="compact-xs"
          variant="default"
          aria-label={`End the session of ${browserName(session)}`}
          onClick={() => onEnd(session)}
        >
          End
        </Button>
      ),
  },
];
