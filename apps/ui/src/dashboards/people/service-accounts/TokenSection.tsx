import { ActionIcon, Badge, Box, Group, Text, Tooltip } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { ConfirmModal } from "../../../shell/ConfirmModal.tsx";
import type { DataColumn } from "../../../shell/DataTable.tsx";
import { CardTable } from "../frame/CardTable.tsx";
import { ErrorMessage } from "../../../shell/StatusMessage.tsx";
import { OpenButton } from "../frame/OpenButton.tsx";
import { Section } from "../frame/Section.tsx";
import { TimeText } from "../frame/TimeText.tsx";
import { useChange } from "../frame/use-change.ts";
import { AddTokenModal } from "./AddTokenModal.tsx";
import { type AccountDetails, accountsKey, revokeToken, type Token } from "./service-accounts-api.ts";

/** Section that lists the tokens of a service account. */
export function TokenSection({ account, tokens }: { account: AccountDetails; tokens: readonly Token[] }) {
  const [toRevoke, setToRevoke] = useState<Token>();
  const { mutate, error } = useChange(({ id }: Token) => revokeToken(account.id, id), [accountsKey]);
  const columns = useMemo(() => columnsWith(setToRevoke), []);
  return (
    <Section title="Tokens" about="A program sends a token in the header “Authorization: Bearer …”." isTable>
      {error !== null && <ErrorMessage error={error} title="The token was not revoked" />}
      {tokens.length === 0 ? (
        <Text size="sm" px={14} pt={6}>
          No tokens yet.
        </Text>
      ) : (
        <CardTable
          aria-label="Tokens"
          columns={columns}
          items={tokens}
          keyOf={({ id }) => String(id)}
          sortedBy="Token"
        />
      )}
      <Box p={14}>
        <OpenButton label="New token" icon={IconPlus}>
          {(close) => <AddTokenModal account={account} onClose={close} />}
        </OpenButton>
      </Box>
      {toRevoke !== undefined && (
        <ConfirmModal
          title="Revoke the token?"
          action="Revoke"
          onConfirm={() => mutate(toRevoke)}
          onClose={() => setToRevoke(undefined)}
        >
          Programs that use “{toRevoke.name}” can no longer sign in. This cannot be undone.
        </ConfirmModal>
      )}
    </Section>
  );
}

/** Shows the name of a token and the limits of its rights. */
function TokenName({ token: { name, hasExpired, scopes, matchers } }: { token: Token }) {
  return (
    <>
      <Group gap={8}>
        {name}
        {hasExpired && (
          <Badge variant="light" color="red">
            Expired
          </Badge>
        )}
      </Group>
      {scopes !== undefined && (
        <Text size="xs" c="dimmed">
          Only {scopes.join(", ")}
        </Text>
      )}
      {matchers !== undefined && (
        <Text size="xs" c="dimmed">
          Only series <code>{matchers}</code>
        </Text>
      )}
    </>
  );
}

const columnsWith = (onRevoke: (token: Token) => void): readonly DataColumn<Token>[] => [
  {
    header: "Token",
    sortKey: ({ name }) => name.toLowerCase(),
    className: "wrap-anywhere",
    cell: (token) => <TokenName token={token} />,
  },
  { header: "Created", sortKey: ({ created }) => created, cell: ({ created }) => <TimeText time={created} /> },
  {
    header: "Last used",
    sortKey: ({ lastUsedAt }) => lastUsedAt ?? undefined,
    cell: ({ lastUsedAt }) => <TimeText time={lastUsedAt} />,
  },
  {
    header: "Expires",
    sortKey: ({ expiration }) => expiration ?? undefined,
    cell: ({ expiration }) => <TimeText time={expiration} />,
  },
  {
    header: "",
    width: 50,
    cell: (token) => (
      <Tooltip label="Revoke">
        <ActionIcon variant="subtle" color="gray" aria-label={`Revoke ${token.name}`} onClick={() => onRevoke(token)}>
          <IconTrash size={16} />
        </ActionIcon>
      </Tooltip>
    ),
  },
];
