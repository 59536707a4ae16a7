import { Button, Group } from "@mantine/core";
import { useNavigate } from "react-router";
import { ErrorMessage } from "../../../shell/StatusMessage.tsx";
import { DeleteButton } from "../frame/DeleteButton.tsx";
import { Section } from "../frame/Section.tsx";
import { useChange } from "../frame/use-change.ts";
import { deleteUser, setDisabled, type UserDetails, usersKey } from "./users-api.ts";

/** Section in which an admin disables or deletes a user. Admins cannot do this to their own account. */
export function UserRemoval({ user: { id, login, isDisabled }, isOwn }: { user: UserDetails; isOwn: boolean }) {
  const navigate = useNavigate();
  const disable = useChange((next: boolean) => setDisabled(id, next), [usersKey]);
  const remove = useChange(() => deleteUser(id), [[...usersKey, "list"]], {
    done: `${login} was deleted`,
    after: () => void navigate("/admin/users"),
  });
  const error = disable.error ?? remove.error;
  const about = isDisabled
    ? "The account is disabled: it cannot sign in, and its tokens and sessions are refused."
    : "A disabled account cannot sign in. Its permissions and teams stay.";
  return (
    <Section
      title="Account"
      about={isOwn ? "This is your own account. Another admin can disable or delete it." : about}
    >
      {error !== null && <ErrorMessage error={error} />}
      {!isOwn && (
        <Group gap="sm">
          <Button size="sm" variant="default" loading={disable.isPending} onClick={() => disable.mutate(!isDisabled)}>
            {isDisabled ? "Enable account" : "Disable account"}
          </Button>
          <DeleteButton kind="user" change={remove}>
            “{login}” leaves all teams, and its sessions end. Dashboards of the user stay.
          </DeleteButton>
        </Group>
      )}
    </Section>
  );
}
