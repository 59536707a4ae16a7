import { Button, Group } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { SearchInput } from "../../../shell/SearchInput.tsx";
import { EmptyMessage, ErrorMessage } from "../../../shell/StatusMessage.tsx";
import { useUrlText } from "../../../shell/url-state.ts";
import type { Rights } from "../../data/rights.ts";
import { AdministrationPage } from "../frame/AdministrationPage.tsx";
import { Fetched } from "../frame/Fetched.tsx";
import type { OrgRole } from "../frame/RoleSelect.tsx";
import { useChange } from "../frame/use-change.ts";
import { AddUser } from "./AddUser.tsx";
import { UserTable } from "./UserTable.tsx";
import { fetchUsers, type ListedUser, setRole, setRoleAnywhere, usersKey } from "./users-api.ts";

/** Page that lists the users. Admins of the server add and change users; admins of the organization change roles. */
export default function UsersPage() {
  return (
    <AdministrationPage
      title="Users"
      isFor={({ isServerAdmin, isOrgAdmin }) => isServerAdmin || isOrgAdmin}
      reason="Only admins of the server or of the organization see the users."
      renderToolbar={({ isServerAdmin, isOrgAdmin }) => (
        <Group gap="xs">
          {isOrgAdmin && (
            <Button component={Link} to="/org/users/invitations" size="xs" variant="default">
              Invitations
            </Button>
          )}
          {isServerAdmin && <AddUser />}
        </Group>
      )}
    >
      {(rights) => <UserList rights={rights} />}
    </AdministrationPage>
  );
}

function UserList({ rights: { isServerAdmin, login } }: { rights: Rights }) {
  const [query, setQuery] = useUrlText("query");
  const result = useQuery({
    queryKey: [...usersKey, "list", query],
    queryFn: ({ signal }) => fetchUsers(query, isServerAdmin, signal),
    placeholderData: keepPreviousData,
  });
  const change = useChange(
    ({ user, role }: { user: ListedUser; role: OrgRole }) =>
      (isServerAdmin ? setRoleAnywhere : setRole)(user.userId, role),
    [usersKey],
  );
  return (
    <>
      <SearchInput label="Search users" value={query} onChange={setQuery} />
      {change.error !== null && <ErrorMessage error={change.error} title="The role was not changed" />}
      <Fetched result={result} label="Loading users">
        {(users) =>
          users.length === 0 ? (
            <EmptyMessage title="No user matches the search" />
          ) : (
            <UserTable users={users} own={login} hasPages={isServerAdmin} onRole={change.mutate} />
          )
        }
      </Fetched>
    </>
  );
}
