import { Anchor, Badge, Group } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Link } from "react-router";
import { Card } from "../../../shell/Card.tsx";
import type { DataColumn } from "../../../shell/DataTable.tsx";
import { CardTable } from "../frame/CardTable.tsx";
import { SearchInput } from "../../../shell/SearchInput.tsx";
import { EmptyMessage, ErrorMessage } from "../../../shell/StatusMessage.tsx";
import { useUrlText } from "../../../shell/url-state.ts";
import { managesServiceAccounts } from "../../data/rights.ts";
import { AdministrationPage } from "../frame/AdministrationPage.tsx";
import { Fetched } from "../frame/Fetched.tsx";
import { type OrgRole, RoleSelect } from "../frame/RoleSelect.tsx";
import { useChange } from "../frame/use-change.ts";
import { AddServiceAccount } from "./AddServiceAccount.tsx";
import { accountsKey, changeAccount, type ListedAccount, searchAccounts } from "./service-accounts-api.ts";

/** Page that lists the service accounts, with which scripts and programs sign in. */
export default function ServiceAccountsPage() {
  return (
    <AdministrationPage
      title="Service accounts"
      isFor={managesServiceAccounts}
      reason="Only admins of the organization manage service accounts, and users who were allowed to manage one."
      renderToolbar={({ isOrgAdmin }) => isOrgAdmin && <AddServiceAccount />}
    >
      {() => <AccountList />}
    </AdministrationPage>
  );
}

function AccountList() {
  const [query, setQuery] = useUrlText("query");
  const result = useQuery({
    queryKey: [...accountsKey, "list", query],
    queryFn: ({ signal }) => searchAccounts(query, signal),
    placeholderData: keepPreviousData,
  });
  const { mutate, error } = useChange(
    ({ id, role }: { id: number; role: OrgRole }) => changeAccount(id, { role }),
    [accountsKey],
  );
  const columns = useMemo(() => columnsWith(({ id }, role) => mutate({ id, role })), [mutate]);
  return (
    <>
      <SearchInput label="Search service accounts" value={query} onChange={setQuery} />
      {error !== null && <ErrorMessage error={error} title="The role was not changed" />}
      <Fetched result={result} label="Loading service accounts">
        {({ serviceAccounts }) =>
          serviceAccounts.length === 0 ? (
            <EmptyMessage title={query === "" ? "No service accounts yet" : "No service account matches the search"}>
              {query === "" && "Scripts, Terraform and sidecars sign in with the token of a service account."}
            </EmptyMessage>
          ) : (
            <Card mt="sm">
              <CardTable
                aria-label="Service accounts"
                columns={columns}
                items={serviceAccounts}
                keyOf={({ id }) => String(id)}
                virtual
                estimatedHeight={() => 48}
              />
            </Card>
          )
        }
      </Fetched>
    </>
  );
}

const columnsWith = (onRole: (account: ListedAccount, role: OrgRole) => void): readonly DataColumn<ListedAccount>[] => [
  {
    header: "Service account",
    sortKey: ({ name }) => name.toLowerCase(),
    className: "wrap-anywhere",
    cell: ({ id, name, isDisabled }) => (
      <Group gap={8}>
        <Anchor component={Link} to={`/org/serviceaccounts/${id}`} size="sm">
          {name}
        </Anchor>
        {isDisabled && (
          <Badge variant="light" color="gray">
            Disabled
          </Badge>
        )}
      </Group>
    ),
  },
  { header: "Login", sortKey: ({ login }) => login, cell: ({ login }) => login, className: "wrap-anywhere" },
  {
    header: "Role",
    sortKey: ({ role }) => role,
    width: 130,
    cell: (account) => (
      <RoleSelect
        size="xs"
        w={110}
        aria-label={`Role of ${account.name}`}
        value={account.role}
        onChange={(role) => onRole(account, role)}
      />
    ),
  },
  { header: "Tokens", sortKey: ({ tokens }) => tokens, cell: ({ tokens }) => tokens },
];
