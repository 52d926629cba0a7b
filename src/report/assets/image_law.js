'use strict';
// What a picture costs by its size: trials with their spread, the fitted line and band, the knee predicted and found.
// Runs that differ in the clamp alone share one picture.
landauer.imageLawPlot = (place, run) => {
  const { create, colour, figure, redraw, choice, keys, shorten } = landauer.page;
  const own = run.image.laws;
  if (!own.length) return;
  const kin = run.kin ? run.kin.map((i) => landauer.runs[i]) : [run];
  const axes = [
    { key: 'pixels', name: 'pixels as given', label: 'megapixels as given', type: 'log' },
    { key: 'tokens', name: 'image tokens', label: 'image tokens', type: 'linear' },
  ];
  const names = own.map((law) => (law.header === law.unit ? law.header : `${law.header} (${law.unit})`));
  let shown = 0;
  let axis = axes[0];
  const picture = create('div', { class: 'picture' });
  const words = create('p', { class: 'formula' });
  const about = create('p', { class: 'quiet' });
  place.append(
    choice('Cost', names, (i) => {
      shown = i;
      draw();
    }),
    choice('Size', axes.map(({ name }) => name), (i) => {
      axis = axes[i];
      draw();
    }),
    picture,
    keys([
      ...kin.map((one, i) => [`clamp clamp${i % 4}`, `${one.image.clamp}${one === run && kin.length > 1 ? ' (this run)' : ''}`]),
      ['cross', 'spoiled trial, in no figure', '×'], ['dashed', 'knee as predicted'], ['strip', '95 % interval of the knee found'],
    ]),
    words, about);

  // One clamp's part of the picture; nothing where its run has no such law.
  function part(one, i) {
    const law = one.image.laws.find(({ metric }) => metric === own[shown].metric);
    if (!law) return null;
    const points = law.y
      .map((y, at) => ({
        x: one.image[axis.key][at], y, grade: one.trials.grade[at], rep: one.trials.rep[at],
        size: one.prompts[one.trials.prompt[at]], tokens: one.image.tokens[at], clamp: one.image.clamp,
      }))
      .filter((p) => p.y !== null && p.x > 0);
    const sizes = new Map();
    points.filter((p) => p.grade !== 'C').forEach((p) => {
      const spread = sizes.get(p.x) || { x: p.x, low: p.y, high: p.y };
      sizes.set(p.x, { x: p.x, low: Math.min(spread.low, p.y), high: Math.max(spread.high, p.y) });
    });
    const line = law[axis.key].map(([x, low, y, high]) => ({ x, low, y, high }));
    return { law, points, line, spreads: [...sizes.values()], hue: colour(`clamp${i % 4}`), isOwn: one === run };
  }

  function knees({ law, hue, isOwn }, [from, to]) {
    if (axis.key !== 'pixels' || !law.knee) return [];
    const [, low, high] = law.knee;
    const marks = [Plot.rectX([[low === null ? from : Math.max(low, from), high === null ? to : Math.min(high, to)]], {
      x1: '0', x2: '1', fill: hue, fillOpacity: isOwn ? 0.16 : 0.08,
    })];
    if (law.predicted === null) return marks;
    marks.push(Plot.ruleX([law.predicted], { stroke: hue, strokeWidth: isOwn ? 1.8 : 1.2, strokeDasharray: '5,4' }));
    if (isOwn) {
      marks.push(Plot.text([law.predicted], {
        x: (d) => d, frameAnchor: 'top', dy: -12, textAnchor: law.predicted > Math.sqrt(from * to) ? 'end' : 'start',
        dx: law.predicted > Math.sqrt(from * to) ? 8 : -8, text: (d) => `knee predicted at ${figure(d)} Mpx`, fill: colour('ink'),
      }));
    }
    return marks;
  }

  function title(p, law) {
    const unit = law.unit === '1' ? '' : ` ${law.unit}`;
    return `${shorten(p.size, 40)}, ${p.tokens} image tokens\n${p.clamp}\nrepetition ${p.rep + 1}: ` +
      `${figure(p.y)}${unit}${p.grade === 'A' ? '' : `, grade ${p.grade}`}`;
  }

  function draw() {
    const law = own[shown];
    const parts = kin.map(part).filter(Boolean);
    const all = parts.flatMap(({ points }) => points);
    const xs = all.map((p) => p.x);
    const range = [Math.min(...xs), Math.max(...xs)];
    const width = Math.max(280, Math.min(place.clientWidth, 1040));
    const label = names[shown];
    picture.replaceChildren(Plot.plot({
      width,
      height: Math.round(Math.max(290, Math.min(460, width * 0.5))),
      marginLeft: 56, marginRight: 20, marginTop: 34, marginBottom: 44,
      ariaLabel: `${label} against ${axis.label}`,
      ariaDescription: law.words,
      style: landauer.page.plotStyle,
      x: { type: axis.type, label: `${axis.label} →`, labelAnchor: 'right', ticks: width < 500 ? 3 : 8, tickFormat: figure, zero: axis.type === 'linear' },
      y: { label: `↑ ${label}`, grid: true, ticks: 6, zero: true },
      marks: [
        Plot.ruleY([0], { stroke: colour('line') }),
        ...parts.flatMap((one) => knees(one, range)),
        ...parts.flatMap(({ line, hue, isOwn }) => [
          Plot.areaY(line, { x: 'x', y1: 'low', y2: 'high', fill: hue, fillOpacity: isOwn ? 0.2 : 0.12 }),
          Plot.lineY(line, { x: 'x', y: 'y', stroke: hue, strokeWidth: isOwn ? 2.2 : 1.4 }),
        ]),
        ...parts.flatMap(({ points, spreads, hue }) => [
          Plot.ruleX(spreads, { x: 'x', y1: 'low', y2: 'high', stroke: hue, strokeWidth: 1.4, strokeOpacity: 0.7 }),
          Plot.dot(points.filter((p) => p.grade !== 'C'), { x: 'x', y: 'y', r: 3, fill: hue, fillOpacity: 0.8 }),
        ]),
        Plot.dot(all.filter((p) => p.grade === 'C'), { x: 'x', y: 'y', r: 4, symbol: 'times', stroke: colour('warn'), strokeWidth: 2 }),
        Plot.tip(all, Plot.pointer({ x: 'x', y: 'y', title: (p) => title(p, law), fill: colour('paper'), stroke: colour('line') })),
      ],
    }));
    words.textContent = law.formula;
    about.textContent = [law.words, `${law.quality}.`, law.choice].filter(Boolean).join(' ');
  }
  redraw(place, draw);
};
