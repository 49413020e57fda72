(function () {
  "use strict";
  var given = JSON.parse(document.getElementById("volsculpt-charts").textContent);
  var scheme = window.matchMedia("(prefers-color-scheme: dark)");
  var narrow = window.matchMedia("(max-width: 640px)");
  var zoomed = document.getElementById("span"), logs = document.getElementById("log");
  var printing = false, settling = 0, span = null;

  var INK = "#1c2733", LIGHT_INK = "#e4e9ee", LIGHT_DANGER = "#ff8a7a", DAY = 86400000;
  var KEY = 40, ROW = 19, SIDES = 80; // pixels of a legend: a key, a row, what is beside the plot
  var pen = document.createElement("canvas").getContext("2d");

  function dark() { return scheme.matches && !printing; }

  // --- what the file holds -------------------------------------------------------------

  function unpacked(along) {
    if (!along) { return along; }
    if (along.steps) {
      var at = along.from;
      return along.steps.map(function (step) { return (at += step * along.unit); });
    }
    if (!along.bdata) { return along; }
    var bytes = Uint8Array.from(atob(along.bdata), function (one) { return one.charCodeAt(0); });
    return new Float32Array(bytes.buffer);
  }

  given.charts.forEach(function (chart) {
    chart.data.forEach(function (trace) {
      trace.x = unpacked(trace.x);
      trace.y = unpacked(trace.y);
    });
  });
  var timed = given.charts.filter(function (chart) { return chart.timed; }), whole = ends();

  // --- how a chart looks here ----------------------------------------------------------

  function axes(made, letter) {
    return Object.keys(made).filter(function (name) {
      return name.indexOf(letter + "axis") === 0;
    }).map(function (name) { return made[name]; });
  }

  function pixels(words, place) {
    pen.font = (narrow.matches ? 11 : 13) + "px " + getComputedStyle(place).fontFamily;
    return pen.measureText(words).width;
  }

  function named(kind) { return function (one) { return one.name === kind; }; }

  function template(place) {
    var made = JSON.parse(JSON.stringify(given.template));
    made.layout.font.family = getComputedStyle(place).fontFamily;
    made.layout.modebar = { bgcolor: "rgba(0,0,0,0)", color: "#8a94a0", activecolor: "#2a78d6" };
    made.layout.hoverlabel = { bgcolor: dark() ? "#1d242c" : "#ffffff" };
    if (dark()) { made.layout.font.color = "#b9c4cf"; }
    if (narrow.matches) {
      made.layout.font.size = 11;
      made.layout.dragmode = false;
      made.layout.margin.l = 44;
      made.layout.margin.r = 10;
    }
    return made;
  }

  function headroom(chart, place) {
    var names = chart.data.filter(function (one) { return one.showlegend !== false; })
      .map(function (one) { return pixels(one.name, place); });
    var rows = 0;
    if (chart.layout.showlegend && names.length) {
      var each = KEY + Math.max.apply(null, names);
      var inRow = Math.max(1, Math.floor((place.clientWidth - SIDES) / each));
      rows = Math.ceil(names.length / inRow);
    }
    var titled = (chart.layout.annotations || []).some(function (one) {
      return one.name === "title" && one.yref === "y domain";
    });
    return 14 + ROW * rows + (titled ? ROW : 0);
  }

  function wrapped(text, letters) {
    var words = text.split(" "), lines = [""];
    words.forEach(function (word) {
      var last = lines[lines.length - 1];
      if (last && last.length + word.length >= letters) { lines.push(word); }
      else { lines[lines.length - 1] = last ? last + " " + word : word; }
    });
    return lines.join("<br>");
  }

  function fitted(one, place) {
    var bare = one.text.replace(/<\/?b>/g, ""), room = place.clientWidth - SIDES;
    var letters = Math.floor(0.9 * bare.length * room / pixels(bare, place));
    if (bare.length <= letters) { return; }
    one.text = "<b>" + wrapped(bare, letters) + "</b>";
    one.font = { size: 10 };
  }

  function layout(chart, place) {
    var made = JSON.parse(JSON.stringify(chart.layout));
    made.template = template(place);
    made.margin = made.margin || {};
    var usual = made.template.layout.margin.t, asked = made.margin.t || usual;
    if (asked >= usual) { made.margin.t = asked - usual + headroom(chart, place); }
    var labels = (made.annotations || []).filter(named("rule"));
    labels.forEach(function (one) { one.bgcolor = dark() ? "#14191f" : "#ffffff"; });
    (made.annotations || []).filter(named("title")).forEach(function (one) { fitted(one, place); });
    if (dark()) {
      labels.forEach(function (one) { one.font.color = LIGHT_DANGER; });
      (made.shapes || []).filter(named("rule")).forEach(function (one) {
        one.line.color = LIGHT_DANGER;
      });
    }
    if (narrow.matches) {
      made.annotations = (made.annotations || []).filter(function (one) {
        return one.name !== "rule";
      });
      axes(made, "x").forEach(function (axis) {
        axis.nticks = axis.type === "date" ? 5 : 4;
        if (axis.type !== "date" && !axis.ticksuffix) { axis.tickformat = "~s"; }
      });
      axes(made, "y").forEach(function (axis) {
        if (axis.tickformat === "") { axis.tickformat = "~s"; }
      });
    }
    chart.levels.forEach(function (name) {
      made[name].type = logs.checked ? "log" : "linear";
      made[name].dtick = logs.checked ? "D2" : undefined;
    });
    if (chart.timed) { spanned(chart, made); }
    return made;
  }

  function traces(drawn) {
    return drawn.map(function (trace) {
      if (!dark() || !trace.line || trace.line.color !== INK) { return trace; }
      return Object.assign({}, trace, { line: Object.assign({}, trace.line,
        { color: LIGHT_INK }) });
    });
  }

  // --- one span of time for all charts -------------------------------------------------

  function seen(chart, name, isLog) {
    var least = Infinity, most = -Infinity, on = name.replace("axis", "");
    chart.data.forEach(function (trace) {
      if (trace.yaxis !== on) { return; }
      for (var n = 0; n < trace.x.length; n += 1) {
        var x = trace.x[n], y = trace.y[n];
        if (x >= span[0] && x <= span[1] && isFinite(y) && (!isLog || y > 0)) {
          least = Math.min(least, y);
          most = Math.max(most, y);
        }
      }
    });
    if (least > most) { return null; }
    var ends = isLog ? [Math.log10(least), Math.log10(most)] : [least, most];
    var room = 0.06 * (ends[1] - ends[0]) || 0.06 * Math.abs(ends[1]) || 1;
    return [ends[0] - room, ends[1] + room];
  }

  function spanned(chart, made) {
    Object.keys(made).forEach(function (name) {
      if (/^yaxis/.test(name)) {
        made[name].fixedrange = true;
        if (span && !made[name].range) {
          made[name].range = seen(chart, name, made[name].type === "log") || undefined;
        }
      } else if (/^xaxis/.test(name)) {
        made[name].range = (span || whole).map(function (at) { return new Date(at).toISOString(); });
      }
    });
  }

  function ends() {
    var least = Infinity, most = -Infinity;
    timed.forEach(function (chart) {
      chart.data.forEach(function (trace) {
        if (trace.x.length && trace.x[0] !== null) {
          least = Math.min(least, trace.x[0]);
          most = Math.max(most, trace.x[trace.x.length - 1]);
        }
      });
    });
    return [least, most];
  }

  function moment(at) {
    if (typeof at === "number") { return at; }
    return /Z$/.test(at) ? Date.parse(at) : Date.parse(at.replace(" ", "T") + (/:/.test(at) ? "Z" : "T00:00Z"));
  }

  function dragged(event) {
    if (settling) { return; }
    var found = null, back = false;
    Object.keys(event).forEach(function (key) {
      if (/^xaxis\d*\.autorange$/.test(key)) { back = true; }
      var at = /^xaxis\d*\.range(\[([01])\])?$/.exec(key);
      if (!at) { return; }
      found = found || [];
      if (at[2]) { found[+at[2]] = event[key]; } else { found = event[key].slice(); }
    });
    if (!back && !found) { return; }
    span = back ? null : found.map(moment);
    if (span && span[0] <= whole[0] && span[1] >= whole[1]) { span = null; }
    zoomed.value = span ? "" : "all";
    draw(timed);
  }

  function chosen() {
    var value = zoomed.value;
    if (value === "all") { span = null; }
    else if (/^\d{4}$/.test(value)) { span = [Date.UTC(+value, 0), Date.UTC(+value + 1, 0)]; }
    else { span = [whole[1] - parseInt(value.slice(1), 10) * DAY, whole[1]]; }
    draw(timed);
  }

  function option(value, words) {
    var made = document.createElement("option");
    made.value = value;
    made.textContent = words;
    zoomed.appendChild(made);
    return made;
  }

  function offer() {
    var first = new Date(whole[0]).getUTCFullYear();
    var last = new Date(whole[1] - 1).getUTCFullYear(), days = (whole[1] - whole[0]) / DAY;
    option("", "as dragged").hidden = true;
    option("all", "all of it").selected = true;
    for (var year = first; last > first && year <= last; year += 1) { option(String(year), year); }
    [365, 90, 30].forEach(function (count) {
      if (days > 1.5 * count) { option("-" + count, "last " + count + " days"); }
    });
    zoomed.parentNode.hidden = false;
    zoomed.addEventListener("change", chosen);
  }

  // --- drawing -------------------------------------------------------------------------

  function draw(charts) {
    settling += 1;
    Promise.all(charts.map(drawn)).then(function () { settling -= 1; });
  }

  function drawn(chart) {
    var place = document.getElementById("chart-" + chart.key);
    if (!place.clientWidth) { return null; } // in a fold that is closed: drawn when it opens
    return Plotly.react(place, traces(chart.data), layout(chart, place), { responsive: true,
      displaylogo: false, showSendToCloud: false, plotlyServerURL: "",
      displayModeBar: narrow.matches || chart.data[0].type === "bar" ? false : "hover",
      modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"] }).then(function () {
      if (chart.timed && !place.listens) {
        place.listens = true;
        place.on("plotly_relayout", dragged);
      }
    });
  }

  function all() { draw(given.charts); }

  function printed(is) {
    return function () {
      printing = is;
      all();
    };
  }

  if (timed.length) { offer(); }
  if (given.charts.some(function (chart) { return chart.levels.length; })) {
    logs.parentNode.hidden = false;
    logs.checked = given.charts.some(function (chart) {
      return chart.levels.some(function (name) { return chart.layout[name].type === "log"; });
    });
    logs.addEventListener("change", all);
  }
  given.charts.forEach(function (chart) {
    var fold = document.getElementById("chart-" + chart.key).closest("details");
    fold.addEventListener("toggle", function () { if (fold.open) { draw([chart]); } });
  });
  all();
  scheme.addEventListener("change", all);
  narrow.addEventListener("change", all);
  window.addEventListener("beforeprint", printed(true));
  window.addEventListener("afterprint", printed(false));
})();
