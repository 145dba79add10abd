"use strict";
// What a form of slots says goes to the program, which answers; the address follows, so that a link gives the
// same view again.
(() => {
  const WAIT = 150;          // Milliseconds that a moving slider rests before it is asked.
  const PATIENCE = 500;      // After so many, the page says that it is computing.
  const part = () => document.getElementById("main").dataset.part;
  const place = (id) => document.getElementById(id);

  const slots = (form) => {
    const found = {};
    for (const field of form.elements) {
      if (!field.name || field.disabled) continue;
      if (field.type === "checkbox") {
        // A box that stands for one of several says so by its value.
        if (field.dataset.of) {
          const off = found[field.dataset.of] ?? [];
          if (!field.checked) off.push(field.value);
          found[field.dataset.of] = off;
        } else found[field.name] = field.checked ? "yes" : "no";
      } else if (field.type !== "radio" || field.checked) found[field.name] = field.value;
    }
    for (const name in found) if (Array.isArray(found[name])) found[name] = found[name].join(" ");
    return found;
  };

  class Slots extends Shiny.InputBinding {
    find(scope) { return $(scope).find("form.slots"); }
    getId(form) { return form.id; }
    getValue(form) { return slots(form); }
    subscribe(form, changed) {
      let timer;
      const asked = (event) => {
        const field = event.target;
        if (field.dataset.twin) {
          for (const twin of form.querySelectorAll(`[data-twin="${field.dataset.twin}"]`)) {
            if (twin !== field) twin.value = field.value;
          }
        }
        if (field.dataset.reloads !== undefined && event.type !== "change") return;
        if (field.dataset.reloads !== undefined) {
          // Another war, article or quantity has slots of its own.
          const kept = new URLSearchParams();
          if (part() !== "question") kept.set("part", part());
          for (const other of form.querySelectorAll("[data-reloads]")) kept.set(other.name, other.value);
          location.search = kept.toString();
          return;
        }
        if (field.dataset.opens !== undefined) {
          if (event.type !== "change") return;
          const kept = new URLSearchParams({ part: part() });
          for (const other of form.querySelectorAll("[data-reloads], [data-opens]")) kept.set(other.name, other.value);
          location.search = kept.toString();
          return;
        }
        const wrong = Array.from(form.elements).find((one) => !one.checkValidity());
        if (wrong) {
          // The answer of before is not one to what the page shows now.
          clearTimeout(timer);
          place("main").classList.add("failed");
          say(`${wrong.labels?.[0]?.querySelector(".hidden")?.textContent ?? wrong.name}: ${wrong.validationMessage}`);
          return;
        }
        place("faults").replaceChildren();
        clearTimeout(timer);
        timer = setTimeout(() => changed(false), event.type === "input" ? WAIT : 0);
      };
      form.addEventListener("input", asked);
      form.addEventListener("change", asked);
      form.addEventListener("submit", (event) => { event.preventDefault(); changed(false); });
    }
    unsubscribe() {}
  }
  Shiny.inputBindings.register(new Slots(), "ceasefire.slots");

  // A day is written out, and picked from the calendar of the browser.
  const written = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
  const days = () => {
    for (const label of document.querySelectorAll("label.day")) {
      const field = label.querySelector("input"), shown = label.querySelector(".shown");
      const write = () => {
        shown.textContent = field.value && field.checkValidity() ? written.format(new Date(field.value)) : "a day";
      };
      field.addEventListener("change", write);
      field.addEventListener("blur", write);
      field.addEventListener("click", () => { try { field.showPicker(); } catch { /* it opens by itself there */ } });
    }
  };

  const narrow = matchMedia("(max-width: 700px)");
  const told = () => Shiny.setInputValue("viewport", narrow.matches ? "narrow" : "wide");
  narrow.addEventListener("change", told);

  let waiting, shown = "";
  const say = (text) => { const line = place("progress"); if (line) line.textContent = text; };
  Shiny.addCustomMessageHandler("busy", ({ on }) => {
    const answered = place("answered");
    if (answered) answered.setAttribute("aria-busy", String(on));
    if (on) {
      if (place("main").classList.contains("failed")) say("");
      place("main").classList.remove("failed");
      shown = "Computing";
      waiting ??= setTimeout(() => { place("main").classList.add("busy", "waiting"); say(shown); }, PATIENCE);
    } else {
      clearTimeout(waiting);
      waiting = undefined;
      place("main").classList.remove("busy", "waiting");
      if (!place("main").classList.contains("failed")) say("");
    }
  });
  Shiny.addCustomMessageHandler("progress", ({ words }) => {
    shown = words;
    if (place("main").classList.contains("busy")) say(shown);
  });
  Shiny.addCustomMessageHandler("redrawing", ({ on }) => {
    place("main").classList.toggle("redrawing", on);
  });
  Shiny.addCustomMessageHandler("fault", ({ what, todo }) => {
    place("main").classList.add("failed");
    say(`${what} ${todo}`.trim());
  });
  Shiny.addCustomMessageHandler("faults", ({ faults }) => {
    // What was wrong with the address that the page came by stays until something is asked for.
    if (faults.length === 0) return;
    place("faults").replaceChildren(...faults.map((fault) => {
      const line = document.createElement("p");
      line.textContent = fault;
      return line;
    }));
  });
  // The origins that a claim's figures have are known once it has been checked.
  Shiny.addCustomMessageHandler("switches", ({ roots, modelled }) => {
    const field = place("roots-field"), list = place("roots");
    if (!field || list.dataset.made) return;
    list.dataset.made = "yes";
    const form = field.closest("form");
    const remembered = form.elements.off;
    list.append(...roots.map((one) => {
      const label = document.createElement("label"), box = document.createElement("input");
      box.type = "checkbox";
      box.dataset.of = "off";
      box.name = `off_${one.root}`;
      box.value = one.root;
      box.checked = one.on;
      label.append(box, document.createTextNode(` ${one.sources}`));
      return label;
    }));
    remembered.remove();
    field.hidden = roots.length === 0;
    place("assumptions-field").hidden = !modelled;
  });
  Shiny.addCustomMessageHandler("address", ({ query, command, picture }) => {
    // The answer is there; what follows it is still being computed.
    clearTimeout(waiting);
    waiting = undefined;
    place("main").classList.remove("waiting");
    history.replaceState(null, "", query ? `?${query}` : location.pathname);
    const keep = place("keep");
    if (!keep) return;
    keep.hidden = false;
    for (const link of keep.querySelectorAll("[data-file]")) {
      const ending = link.dataset.file;
      link.href = ending ? `files/${part()}.${ending}?${query}` : `?${query}`;
    }
    for (const one of keep.querySelectorAll(".of-picture")) one.hidden = picture === false;
    place("command").textContent = command || "no command: mechanisms are switched off on this page alone";
  });

  // A connection that is lost is looked for again; the address has all that is needed to go on.
  let looking, ended = "";
  const again = () => location.reload();
  // What the program ended on purpose is not looked for again by itself.
  Shiny.addCustomMessageHandler("ended", ({ what }) => { ended = what; });
  const lost = () => {
    place("lost").hidden = false;
    if (ended) { place("trying").textContent = ended; return; }
    let left = 5;
    clearInterval(looking);
    looking = setInterval(async () => {
      if (--left > 0) { place("trying").textContent = `Trying again in ${left} s.`; return; }
      left = 5;
      try {
        if ((await fetch("static/mark.svg", { cache: "no-store" })).ok) again();
      } catch { place("trying").textContent = "The program does not answer."; }
    }, 1000);
  };

  const CONNECTS = 8000;
  const late = setTimeout(() => lost(), CONNECTS);
  $(document).on("shiny:connected", () => { clearTimeout(late); told(); });
  $(document).on("shiny:disconnected", lost);
  $(document).on("shiny:value", () => setTimeout(sortTables));
  document.addEventListener("DOMContentLoaded", () => {
    days();
    place("again").addEventListener("click", again);
  });
})();
