import { ActionIcon, Box, Button, Text, Tooltip } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { ConfirmModal } from "../../../../shell/ConfirmModal.tsx";
import type { DataColumn } from "../../../../shell/DataTable.tsx";
import { frontendSettingsQuery } from "../../../../api/frontend-settings.ts";
import { type PasskeySite, passkeySiteOf } from "../../../sign-in/passkey-site.ts";
import { CardTable } from "../../frame/CardTable.tsx";
import { ChangeError } from "../../frame/ChangeError.tsx";
import { Fetched } from "../../frame/Fetched.tsx";
import { Section } from "../../frame/Section.tsx";
import { TimeText } from "../../frame/TimeText.tsx";
import { useChange } from "../../frame/use-change.ts";
import { AddPasskeyModal } from "./AddPasskeyModal.tsx";
import { deletePasskey, type Passkey, passkeysQuery } from "./passkeys-api.ts";

/** Section of the profile that lists the user's passkeys. Hidden if the server does not accept passkeys. */
export function PasskeysSection() {
  const settings = useQuery(frontendSettingsQuery).data;
  const site = settings && passkeySiteOf(settings);
  return site === undefined ? null : <Passkeys site={site} />;
}

function Passkeys({ site }: { site: PasskeySite }) {
  const result = useQuery(passkeysQuery);
  const [isAdding, setAdding] = useState(false);
  const [toDelete, setToDelete] = useState<Passkey>();
  const { mutate, error } = useChange(({ id }: Passkey) => deletePasskey(id), [passkeysQuery.queryKey]);
  return (
    <Section
      title="Passkeys"
      about="With a passkey you sign in without a password: your device checks your fingerprint, face or PIN."
      isTable
    >
      {error !== null && (
        <Box px={14} pb={6}>
          <ChangeError error={error} title="The passkey was not deleted" />
        </Box>
      )}
      <Fetched result={result} label="Loading passkeys">
        {(passkeys) => <PasskeyTable passkeys={passkeys} onDelete={setToDelete} />}
      </Fetched>
      <Box p={14}>
        {site.isHere && site.isSupported ? (
          <Button size="xs" leftSection={<IconPlus size={15} aria-hidden />} onClick={() => setAdding(true)}>
            Add a passkey
          </Button>
        ) : (
          <Text size="sm" c="dimmed" className="wrap-anywhere">
            {site.isHere
              ? "To add a passkey, open this page over HTTPS, in a browser that supports passkeys."
              : `Passkeys work only at ${site.address}, the address of the server in its settings.`}
          </Text>
        )}
      </Box>
      {isAdding && <AddPasskeyModal onClose={() => setAdding(false)} />}
      {toDelete !== undefined && (
        <ConfirmModal
          title="Delete the passkey?"
          action="Delete"
          onConfirm={() => mutate(toDelete)}
          onClose={() => setToDelete(undefined)}
        >
          The server no longer accepts “{toDelete.name}”. Also remove the passkey from your device or password manager.
        </ConfirmModal>
      )}
    </Section>
  );
}

function PasskeyTable({ passkeys, onDelete }: { passkeys: readonly Passkey[]; onDelete: (passkey: Passkey) => void }) {
  const columns = useMemo(() => columnsWith(onDelete), [onDelete]);
  if (passkeys.length === 0)
    return (
      <Text size="sm" px={14} pt={6}>
        No passkeys yet.
      </Text>
    );
  return (
    <CardTable
      aria-label="Passkeys"
      columns={columns}
      items={passkeys}
      keyOf={({ id }) => id}
      sortedBy="Name"
      hasCornerButton
    />
  );
}

const columnsWith = (onDelete: (passkey: Passkey) => void): readonly DataColumn<Passkey>[] => [
  {
    header: "Name",
    sortKey: ({ name }) => name.toLowerCase(),
    className: "wrap-anywhere",
    cell: ({ name }) => name,
  },
  { header: "Added", sortKey: ({ createdAt }) => createdAt, cell: ({ createdAt }) => <TimeText time={createdAt} /> },
  {
    header: "Last used",
    sortKey: ({ lastUsedAt }) => lastUsedAt ?? undefined,
    cell: ({ lastUsedAt }) => <TimeText time={lastUsedAt} />,
  },
  {
    header: "",
    width: 50,
    cell: (passkey) => (
      <Tooltip label="Delete">
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={`Delete the passkey ${passkey.name}`}
          onClick={() => onDelete(passkey)}
        >
          <IconTrash size={16} />
        </ActionIcon>
      </Tooltip>
    ),
  },
];
