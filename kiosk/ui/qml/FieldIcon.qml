// A picture of a field of business, by name: strokes on a 48 × 48 grid, drawn for this kiosk.
import QtQuick
import QtQuick.Shapes

Item {
    id: icon

    property string name: ""
    property color colour: bridge.theme.inform

    // A box around coordinates or a circle is written with the arcs and lines SVG knows.
    readonly property var drawings: ({
        "document": "M12 5 H29 L37 13 V43 H12 Z M29 5 V13 H37 M18 22 H31 M18 29 H31 M18 36 H26",
        "family": "M16 8 A6 6 0 1 1 15.9 8 M5 41 V33 C5 27 9 24 16 24 C20 24 23 25 25 27"
            + " M34 20 A5 5 0 1 1 33.9 20 M24 41 V38 C24 34 28 33 34 33 C40 33 43 35 43 39 V41",
        "land": "M5 31 L19 24 L43 33 L29 42 Z M24 30 C16 20 15 17 15 14 A9 9 0 0 1 33 14 C33 17 32 20 24 30 Z"
            + " M24 11 A3 3 0 1 1 23.9 11",
        "stamp": "M19 27 L21 18 A7 7 0 1 1 27 18 L29 27 H37 A3 3 0 0 1 40 30 V36 H8 V30 A3 3 0 0 1 11 27 Z M9 43 H39",
        "building": "M7 43 V21 L24 7 L41 21 V43 M3 43 H45 M19 43 V32 H29 V43 M16 24 H18 M30 24 H32",
        "care": "M24 23 C14 16 13 12 15 8 C17 5 22 5 24 10 C26 5 31 5 33 8 C35 12 34 16 24 23 Z"
            + " M5 32 H12 L18 30 C22 29 26 31 30 32 C33 33 32 37 29 36 L22 35 M32 33 L40 29 C43 28 45 32 42 34 L30 42 H12 L5 41",
        "collect": "M9 21 V43 H39 V21 M9 29 H17 L20 34 H28 L31 29 H39 M24 5 V23 M16 16 L24 24 L32 16",
        "work": "M5 16 H43 V41 H5 Z M17 16 V10 H31 V16 M5 27 H19 M29 27 H43 M19 24 H29 V31 H19 Z",
        "shop": "M8 21 V43 H40 V21 M5 19 L9 7 H39 L43 19 C43 24 34 24 33 19 C33 24 24 24 24 19 C24 24 15 24 15 19 C15 24 5 24 5 19 Z"
            + " M27 43 V31 H35 V43 M13 31 H21 V37 H13 Z",
        "health": "M18 6 H30 V18 H42 V30 H30 V42 H18 V30 H6 V18 H18 Z",
        "school": "M24 9 L45 19 L24 29 L3 19 Z M12 24 V35 C16 40 32 40 36 35 V24 M45 19 V33",
        "home": "M5 25 L24 8 L43 25 M10 21 V43 H38 V21 M24 24 A4.500 4.500 0 1 1 23.9 24 M15 43 C15 38 18 36 24 36 C30 36 33 38 33 43",
        "more": "M6 24 H40 M27 11 L41 24 L27 37"
    })

    Shape {
        anchors.fill: parent
        preferredRendererType: Shape.CurveRenderer
        ShapePath {
            scale: Qt.size(icon.width / 48, icon.height / 48)
            fillColor: "transparent"
            strokeColor: icon.colour
            strokeWidth: icon.width / 15
            capStyle: ShapePath.RoundCap
            joinStyle: ShapePath.RoundJoin
            PathSvg { path: icon.drawings[icon.name] ?? icon.drawings["document"] }
        }
    }
}
