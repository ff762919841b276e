//! Plots as SVG: figures against the number of stored interactions, both axes logarithmic.

use std::fmt::Write as _;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 340.0;
/// Left, right, top, bottom.
const MARGIN: [f64; 4] = [64.0, 190.0, 36.0, 44.0];
const COLOURS: [&str; 6] = ["#1b6ca8", "#c8553d", "#3c8d53", "#8a5aa5", "#b5892d", "#566573"];

/// A line: its name and its points, the number of interactions with the figure.
pub struct Line {
    pub name: String,
    pub points: Vec<(f64, f64)>,
}

/// A plot of these lines. `unit` is of the vertical axis.
pub fn svg(title: &str, unit: &str, lines: &[Line]) -> String {
    let points =
        || lines.iter().flat_map(|line| line.points.iter().copied()).filter(|(x, y)| *x > 0.0 && *y > 0.0);
    let across = Axis::of(points().map(|(x, _)| x), MARGIN[0], WIDTH - MARGIN[1]);
    let up = Axis::of(points().map(|(_, y)| y), HEIGHT - MARGIN[3], MARGIN[2]);
    let mut drawn = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n<text x=\"{}\" y=\"20\" font-size=\"14\">{title} ({unit})</text>\n",
        MARGIN[0]
    );
    for power in across.powers() {
        let (x, value) = (across.place(10_f64.powi(power)), label(power));
        let (top, bottom) = (MARGIN[2], HEIGHT - MARGIN[3]);
        let _ = writeln!(
            drawn,
            "<line x1=\"{x:.1}\" y1=\"{top}\" x2=\"{x:.1}\" y2=\"{bottom}\" stroke=\"#ddd\"/>\
             <text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{value}</text>",
            bottom + 18.0
        );
    }
    for power in up.powers() {
        let (y, value) = (up.place(10_f64.powi(power)), label(power));
        let (left, right) = (MARGIN[0], WIDTH - MARGIN[1]);
        let _ = writeln!(
            drawn,
            "<line x1=\"{left}\" y1=\"{y:.1}\" x2=\"{right}\" y2=\"{y:.1}\" stroke=\"#ddd\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{value}</text>",
            left - 8.0,
            y + 4.0
        );
    }
    for (number, line) in lines.iter().enumerate() {
        draw(&mut drawn, line, number, &across, &up);
    }
    let _ = writeln!(
        drawn,
        "<text x=\"{}\" y=\"{}\">interactions stored</text>\n</svg>",
        MARGIN[0],
        HEIGHT - 8.0
    );
    drawn
}

fn draw(drawn: &mut String, line: &Line, number: usize, across: &Axis, up: &Axis) {
    let colour = COLOURS[number % COLOURS.len()];
    let placed: Vec<(f64, f64)> = line
        .points
        .iter()
        .filter(|(x, y)| *x > 0.0 && *y > 0.0)
        .map(|(x, y)| (across.place(*x), up.place(*y)))
        .collect();
    let path: Vec<String> = placed.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let _ = writeln!(
        drawn,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
        path.join(" ")
    );
    for (x, y) in &placed {
        let _ = writeln!(drawn, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{colour}\"/>");
    }
    let (x, y) = (WIDTH - MARGIN[1] + 12.0, MARGIN[2] + 12.0 + 18.0 * number as f64);
    let _ = writeln!(drawn, "<text x=\"{x}\" y=\"{y}\" fill=\"{colour}\">{}</text>", line.name);
}

/// A logarithmic axis of whole powers of ten.
struct Axis {
    first: i32,
    last: i32,
    from: f64,
    to: f64,
}

impl Axis {
    fn of(values: impl Iterator<Item = f64>, from: f64, to: f64) -> Self {
        let (least, most) =
            values.fold((f64::MAX, f64::MIN), |(least, most), one| (least.min(one), most.max(one)));
        let (least, most) = if least > most { (1.0, 10.0) } else { (least, most) };
        let first = least.log10().floor() as i32;
        Self { first, last: (most.log10().ceil() as i32).max(first + 1), from, to }
    }

    fn place(&self, value: f64) -> f64 {
        let share = (value.log10() - f64::from(self.first)) / f64::from(self.last - self.first);
        self.from + share * (self.to - self.from)
    }

    fn powers(&self) -> std::ops::RangeInclusive<i32> {
        self.first..=self.last
    }
}

fn label(power: i32) -> String {
    match power {
        6.. => format!("{}m", 10_u64.pow(power as u32 - 6)),
        3..6 => format!("{}k", 10_u64.pow(power as u32 - 3)),
        0..3 => 10_u64.pow(power as u32).to_string(),
        _ => format!("{:.*}", power.unsigned_abs() as usize, 10_f64.powi(power)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_holds_every_value() {
        let axis = Axis::of([2_000.0, 150_000.0].into_iter(), 0.0, 300.0);
        assert_eq!((axis.first, axis.last), (3, 6));
        assert!((axis.place(1e4) - 100.0).abs() < 1e-9);
        assert_eq!([-2, 0, 4, 6].map(label), ["0.01", "1", "10k", "1m"]);
    }

    #[test]
    fn what_is_zero_has_no_place_on_it() {
        let drawn = svg("a", "ms", &[Line { name: "b".into(), points: vec![(1e4, 0.0), (1e5, 3.0)] }]);
        assert_eq!(drawn.matches("<circle").count(), 1);
        assert!(!drawn.contains("inf") && !drawn.contains("NaN"), "{drawn}");
    }
}
