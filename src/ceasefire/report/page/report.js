"use strict";
// The page works without this. It makes the tables sort and opens what is folded before printing.
// Tables may come later: each is made to sort once, whenever this is called.
function sortTables() {
  for (const table of document.querySelectorAll("table.sortable:not([data-sorts])")) {
    table.dataset.sorts = "";
    sortTable(table);
  }
}
function sortTable(table) {
  const body = table.tBodies[0];
  const heads = Array.from(table.tHead.rows[0].cells);
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    head.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      for (const other of heads) other.setAttribute("aria-sort", "none");
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const key = (row) => {
        const cell = row.cells[column];
        return cell.dataset.sort ?? cell.textContent.trim();
      };
      const rows = Array.from(body.rows);
      rows.sort((first, second) => {
        const a = key(first), b = key(second);
        // What is empty stands last whichever way the column runs.
        if ((a === "") !== (b === "")) return a === "" ? 1 : -1;
        const order = a !== "" && b !== "" && isFinite(a) && isFinite(b) ? a - b : a.localeCompare(b);
        return up ? order : -order;
      });
      body.append(...rows);
    });
  });
}
sortTables();
const folded = [];
addEventListener("beforeprint", () => {
  for (const part of document.querySelectorAll("details:not([open])")) {
    part.open = true;
    folded.push(part);
  }
});
addEventListener("afterprint", () => {
  for (const part of folded.splice(0)) part.open = false;
});
