// The window: a stage in design pixels, scaled to whatever display hangs there.
import QtQuick

Item {
    id: window

    readonly property bool portrait: height >= width
    readonly property real factor: portrait ? Math.min(width / 1080, height / 1920)
                                            : Math.min(width / 1920, height / 1080)

    Stage {
        objectName: "stage"
        portrait: window.portrait
        width: window.width / window.factor
        height: window.height / window.factor
        scale: window.factor
        transformOrigin: Item.TopLeft
        focus: true
    }
}
