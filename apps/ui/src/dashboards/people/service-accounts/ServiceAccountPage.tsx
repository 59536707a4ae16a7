import { Anchor, Badge, Box, Button, Group, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { ErrorMessage } from "../../../shell/StatusMessage.tsx";
import { AdministrationPage } from "../frame/AdministrationPage.tsx";
import { PermissionEditor } from "../permissions/PermissionEditor.tsx";
import { permissionsQuery } from "../permissions/permissions-api.ts";
import { DeleteButton } from "../frame/DeleteButton.tsx";
import { Fetched, type FetchedResult } from "../frame/Fetched.tsx";
import { RoleSelect } from "../frame/RoleSelect.tsx";
import { SaveForm } from "../frame/SaveForm.tsx";
import { Section } from "../frame/Section.tsx";
import { useChange } from "../frame/use-change.ts";
import { TokenSection } from "./TokenSection.tsx";
import {
  type AccountDetails,
  accountsKey,
  changeAccount,
  deleteAccount,
  fetchAccount,
  type FoundAccount,
} from "./service-accounts-api.ts";

/** Page that shows and edits a service account and its tokens. */
export default function ServiceAccountPage() {
  const { id = "" } = useParams();
  const { data, error, refetch } = useQuery({
    queryKey: [...accountsKey, "one", id],
    queryFn: ({ signal }) => fetchAccount(id, signal),
  });
  const account = data?.account;
  return (
    <AdministrationPage
      title={account === undefined ? "Service account" : `Service account ${account.name}`}
      isFor={({ isOrgAdmin, serviceAccounts }) => isOrgAdmin || serviceAccounts.some((one) => String(one.id) === id)}
      reason="Only admins of the organization manage service accounts, and users who were allowed to manage one."
      summary={
        <Group gap={8} component="span">
          <Anchor component={Link} to="/org/serviceaccounts" size="sm">
            All service accounts
          </Anchor>
          {account?.isDisabled === true && (
            <Badge variant="light" color="gray">
              Disabled
            </Badge>
          )}
        </Group>
      }
    >
      {() => <AccountContent id={id} result={{ data, error, refetch }} />}
    </AdministrationPage>
  );
}

function AccountContent({ id, result }: { id: string; result: FetchedResult<FoundAccount> }) {
  // The request for the permissions shows whether the viewer administers the service account, and may therefore delete
  // it.
  const { data, error, refetch } = useQuery(permissionsQuery("serviceaccounts", id));
  const isAdmin = data !== undefined;
  return (
    <Fetched result={result} label="Loading the service account">
      {({ account, tokens }) => (
        <Box maw={900} key={account.id}>
          <TokenSection account={account} tokens={tokens} />
          <AccountForm account={account} />
          {isAdmin && (
            <Fetched result={{ data, error, refetch }} label="Loading permissions">
              {(permissions) => <PermissionEditor kind="serviceaccounts" permissions={permissions} />}
            </Fetched>
          )}
          <Removal account={account} isDeletable={isAdmin} />
        </Box>
      )}
    </Fetched>
  );
}

function AccountForm({ account: { id, ...saved } }: { account: AccountDetails }) {
  const [text, setText] = useState(saved.name);
  const [role, setRole] = useState(saved.role);
  const name = text.trim();
  const change = useChange(() => changeAccount(id, { name, role }), [accountsKey], {
    done: "The service account was saved",
  });
  const isChanged = name !== saved.name || role !== saved.role;
  const teams = saved.teams.length === 0 ? "" : ` Teams: ${saved.teams.join(", ")}.`;
  return (
    <Section title="Name and role" about={`Login: ${saved.login}.${teams}`}>
      <SaveForm label="Name and role" isReady={isChanged && name !== ""} change={change}>
        <TextInput label="Name" value={text} onChange={({ currentTarget }) => setText(currentTarget.value)} />
        <RoleSelect label="Role" value={role} onChange={setRole} />
      </SaveForm>
    </Section>
  );
}

function Removal({
  account: { id, name, isDisabled },
  isDeletable,
}: {
  account: AccountDetails;
  isDeletable: boolean;
}) {
  const navigate = useNavigate();
  const disable = useChange(() => changeAccount(id, { isDisabled: !isDisabled }), [accountsKey]);
  const remove = useChange(() => deleteAccount(id), [[...accountsKey, "list"]], {
    done: `${name} was deleted`,
    after: () => void navigate("/org/serviceaccounts"),
  });
  const error = disable.error ?? remove.error;
  return (
    <Section
      title="Account"
      about={
        isDisabled
          ? "The account is disabled: its tokens are refused."
          : "The tokens of a disabled account are refused."
      }
    >
      {error !== null && <ErrorMessage error={error} />}
      <Group gap="sm">
        <Button size="sm" variant="default" loading={disable.isPending} onClick={() => disable.mutate()}>
          {isDisabled ? "Enable account" : "Disable account"}
        </Button>
        {isDeletable && (
          <DeleteButton kind="service account" change={remove}>
            “{name}” and all its tokens are deleted. Programs that use them can no longer sign in.
          </DeleteButton>
        )}
      </Group>
    </Section>
  );
}
