import { ActionIcon, Tooltip } from "@mantine/core";
import { IconStar, IconStarFilled } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { showNotification } from "../../shell/Notifications.tsx";
import { errorSentence } from "../../shell/StatusMessage.tsx";
import { type DashboardMeta, starDashboard } from "../data/dashboard-api.ts";
import { dashboardKey, dashboardsKey } from "../data/dashboard-queries.ts";

interface Opened {
  readonly meta: DashboardMeta;
}

/**
 * A button that adds the open dashboard to the user's favourites or removes it. The star changes at once. If the server
 * refuses the change, the star changes back.
 */
export function StarButton({ uid, isStarred: wasStarred }: { uid: string; isStarred: boolean }) {
  const [isStarred, setStarred] = useState(wasStarred);
  const client = useQueryClient();
  const { mutate } = useMutation({
    mutationFn: (wanted: boolean) => starDashboard(uid, wanted),
    onMutate: setStarred,
    onSuccess: async (_, wanted) => {
      client.setQueryData<Opened>(
        dashboardKey(uid),
        (opened) => opened && { ...opened, meta: { ...opened.meta, isStarred: wanted } },
      );
      await client.invalidateQueries({ queryKey: dashboardsKey });
    },
    onError: (error, wanted) => {
      setStarred(!wanted);
      showNotification({ color: "red", title: "The star could not be changed", message: errorSentence(error) });
    },
  });
  const Star = isStarred ? IconStarFilled : IconStar;
  return (
    <Tooltip label={isStarred ? "Unmark as favourite" : "Mark as favourite"}>
      <ActionIcon
        variant="default"
        size={30}
        aria-label="Favourite"
        aria-pressed={isStarred}
        onClick={() => mutate(!isStarred)}
      >
        <Star size={16} color={isStarred ? "var(--mantine-color-ember-7)" : "currentColor"} />
      </ActionIcon>
    </Tooltip>
  );
}
