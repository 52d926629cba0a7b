'use strict';
// CPU, memory and power over a session, with marked and detected windows and idle baselines.
landauer.tracePlot = (place, run) => {
  const { create, choice } = landauer.page;
  if (!run.sessions.length) {
    place.append(create('p', { class: 'quiet' }, ['No samples are stored with this run.']));
    return;
  }
  const body = create('div', {});
  const show = (i) => landauer.traceSession(body, run.sessions[i]);
  if (run.sessions.length > 1) {
    place.append(choice('Session', run.sessions.map((session) => session.started), show));
  }
  place.append(body);
  show(0);
};

landauer.traceSession = (place, session) => {
  const { create, colour, redraw, keys } = landauer.page;
  const charts = [
    { key: 'cpu', label: 'CPU (% of one core)' },
    { key: 'memory', label: 'Memory (MiB)' },
    { key: 'power', label: 'Power (W)' },
  ].filter((chart) => session.signals.some((signal) => signal.chart === chart.key));
  const colours = ['ink', 'accent', 'decode', 'good', 'quiet'];
  let range = null;
  let plots = [];
  let all = null;

  const button = (label, words, action) => {
    const node = create('button', { type: 'button', title: words }, [label]);
    node.addEventListener('click', action);
    return node;
  };
  const zoom = (factor) => () => {
    const [from, to] = range || all;
    const middle = (from + to) / 2;
    const half = ((to - from) / 2) * factor;
    set([Math.max(all[0], middle - half), Math.min(all[1], middle + half)]);
  };
  const move = (part) => () => {
    const [from, to] = range || all;
    const step = Math.max(all[0] - from, Math.min(all[1] - to, (to - from) * part));
    set([from + step, to + step]);
  };
  place.replaceChildren(
    create('p', { class: 'controls' }, [
      button('Zoom in', 'Show half of this stretch', zoom(0.5)), button('Zoom out', 'Show twice this stretch', zoom(2)),
      button('←', 'Earlier', move(-0.4)), button('→', 'Later', move(0.4)),
      button('Whole session', 'Show everything', () => set(all)),
      create('span', { class: 'quiet' }, ['or drag across a stretch; double-click for all']),
    ]),
    keys([['marked', 'prompt, as the engine marked it'], ['detected', 'found from CPU use alone'], ['idle', 'idle baseline']]));
  const pictures = charts.map((chart) => {
    const legend = create('p', { class: 'legend signals' });
    const picture = create('div', { class: 'picture trace' });
    place.append(create('h3', {}, [chart.label]), legend, picture);
    return { ...chart, legend, picture };
  });
  if (session.note) place.append(create('p', { class: 'quiet' }, [session.note]));

  function set([from, to]) {
    range = to - from < 0.2 ? range : [from, to];
    plots.forEach((plot) => plot.setScale('x', { min: range[0], max: range[1] }));
  }

  const clock = (s) => {
    const sign = s < 0 ? '-' : '';
    const whole = Math.abs(s);
    const rest = (whole % 60).toFixed(whole % 1 ? 1 : 0).padStart(whole % 1 ? 4 : 2, '0');
    const minutes = Math.floor(whole / 60);
    const hours = Math.floor(minutes / 60);
    return hours ? `${sign}${hours}:${String(minutes % 60).padStart(2, '0')}:${rest}` : `${sign}${minutes}:${rest}`;
  };

  function shade(u) {
    const { ctx } = u;
    const { left, top, width, height } = u.bbox;
    const bars = (stretches, fill, from, tall) => {
      ctx.fillStyle = fill;
      for (const [begin, end] of stretches) {
        const a = Math.max(left, u.valToPos(begin / 1000, 'x', true));
        const b = Math.min(left + width, u.valToPos(end / 1000, 'x', true));
        if (b > a) ctx.fillRect(a, top + height * from, Math.max(b - a, 1), height * tall);
      }
    };
    ctx.save();
    bars(session.idle, colour('idle'), 0, 1);
    bars(session.marked, colour('marked'), 0, 1);
    bars(session.detected, colour('good'), 0, 0.025);
    ctx.restore();
  }

  // Signals are thinned each on its own: their times are joined, gaps are spanned.
  function table(signals) {
    return uPlot.join(signals.map((signal) => {
      let t = 0;
      return [signal.t.map((step) => (t += step) / 1000), signal.y];
    }));
  }

  function axis(extra) {
    return {
      stroke: colour('quiet'), font: `12px ${landauer.page.font}`,
      grid: { stroke: colour('grid'), width: 1 }, ticks: { stroke: colour('grid'), width: 1, size: 4 }, ...extra,
    };
  }

  function chartOf(chart, signals, data) {
    const width = Math.max(280, Math.min(place.clientWidth, 1040));
    const values = signals.map(() => create('b', {}));
    chart.legend.replaceChildren(...signals.flatMap((signal, i) => {
      const toggle = create('button', { type: 'button', class: 'signal', 'aria-pressed': String(!signal.hidden), title: 'Show or hide' },
        [create('span', { class: `key line ${colours[i % colours.length]}` }), signal.name, ' ', values[i]]);
      toggle.addEventListener('click', () => {
        signal.hidden = !signal.hidden;
        toggle.setAttribute('aria-pressed', String(!signal.hidden));
        plots[pictures.indexOf(chart)].setSeries(i + 1, { show: !signal.hidden });
      });
      return [toggle];
    }));
    return new uPlot({
      width, height: width < 500 ? 180 : 220,
      legend: { show: false },
      cursor: { sync: { key: `trace-${session.started}` }, drag: { x: true, y: false, setScale: true } },
      scales: { x: { time: false }, y: { range: (u, low, high) => [Math.min(0, low), Math.max(high * 1.06, 1)] } },
      axes: [
        axis({ values: (u, ticks) => ticks.map(clock), label: 'time since the session began', space: 72, labelSize: 20, labelFont: `12px ${landauer.page.font}`, size: 34 }),
        axis({ size: 52 }),
      ],
      series: [{}, ...signals.map((signal, i) => ({
        show: !signal.hidden, stroke: colour(colours[i % colours.length]), width: i === 0 ? 1.6 : 1.3, spanGaps: true, points: { show: false },
      }))],
      hooks: {
        drawClear: [shade],
        setScale: [(u, key) => {
          if (key === 'x' && plots.length) {
            const { min, max } = u.scales.x;
            const same = range && Math.abs(range[0] - min) < 1e-9 && Math.abs(range[1] - max) < 1e-9;
            if (!same) set([min, max]);
          }
        }],
        setCursor: [(u) => {
          const { idx } = u.cursor;
          values.forEach((node, i) => {
            const y = idx === null || idx === undefined ? null : u.data[i + 1][idx];
            node.textContent = y === null || y === undefined ? '' : landauer.page.figure(y);
          });
        }],
      },
    }, data, chart.picture);
  }

  function draw() {
    plots.forEach((plot) => plot.destroy());
    plots = [];
    const made = pictures.map((chart) => {
      const signals = session.signals.filter((signal) => signal.chart === chart.key);
      const data = table(signals);
      const ends = [data[0][0], data[0][data[0].length - 1]];
      all = all ? [Math.min(all[0], ends[0]), Math.max(all[1], ends[1])] : ends;
      return chartOf(chart, signals, data);
    });
    plots = made;
    set(range || all);
  }
  redraw(place, draw);
};
