const escape = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** The HTML that Planner mails to the group for a comment: the text between a heading and a footer that links to the task. */
export function commentMail(options: { text: string; taskTitle: string; planTitle: string; taskId: string; tenantDomain: string }): string {
  const link = `https://tasks.office.com/${options.tenantDomain}/Home/Task/${options.taskId}?Type=Comment&amp;Channel=GroupMailbox`;
  const lines = options.text.split("\n").map(escape).join("<br>");
  return [
    '<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head><body>',
    '<div><table border="0" cellpadding="0" cellspacing="0" width="100%" style="font-family:\'Segoe UI\',Tahoma,sans-serif"><tbody>',
    `<tr><td id="x_jSanity_hideInPlanner" style="font-size:12px;color:#666"><div>Comments on task "${escape(options.taskTitle)}" in plan "${escape(options.planTitle)}"</div></td></tr>`,
    `<tr><td><div style="font-size:14px">${lines}</div></td></tr>`,
    `<tr><td id="x_jSanity_hideInPlanner" style="padding-top:16px"><div>Reply in Microsoft Planner</div><div>You can also reply to this email to add a task comment.</div></td></tr>`,
    `<tr><td id="x_jSanity_hideInPlanner" style="font-size:11px;color:#666"><div>This task is in the ${escape(options.planTitle)} plan. <a href="${link}">Open in Microsoft Planner</a></div></td></tr>`,
    "</tbody></table></div></body></html>",
  ].join("\n");
}
