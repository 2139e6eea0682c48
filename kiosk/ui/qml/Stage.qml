// Everything on the screen. Positions are plain arithmetic, never layouts, so that the places of
// the targets are known as soon as they change.
import QtQuick
import Kiosk 1.0

FocusScope {
    id: stage

    required property bool portrait
    readonly property real margin: 48
    readonly property var screen: bridge.screen

    Keys.onPressed: event => {
        if (event.key >= Qt.Key_0 && event.key <= Qt.Key_9)
            stage.pickDigit(event.key - Qt.Key_0)
    }

    onWidthChanged: stage.moved()
    onHeightChanged: stage.moved()

    function moved() {
        Qt.callLater(stage.place)
    }

    function place() {
        const found = []
        stage.collect(stage, found)
        bridge.setTargets(stage.width, stage.height, found)
    }

    function collect(item, found) {
        if (!item.visible)
            return
        if (item.pickable) {
            const at = item.mapToItem(stage, 0, 0)
            found.push({
                "id": item.option, "x": at.x, "y": at.y, "width": item.width,
                "height": item.height, "grave": item.grave, "digit": item.digit
            })
        }
        for (const child of item.children)
            stage.collect(child, found)
    }

    function pickDigit(digit) {
        for (const tile of stage.screen.tiles)
            if (tile.digit === digit)
                bridge.pick(tile.id, "keypad")
    }

    Rectangle {
        anchors.fill: parent
        color: bridge.theme.paper
    }

    HeaderBand {
        id: header
        width: parent.width
        height: 120
    }

    PreviewItem {
        id: preview
        x: stage.margin
        y: header.height + (stage.portrait ? 28 : 24)
        width: stage.portrait ? 384 : 360
        height: width
        source: bridge.previewSource

        FeedbackLine {
            anchors { left: parent.left; right: parent.right; bottom: parent.bottom; margins: 20 }
        }
    }

    AsidePanel {
        x: preview.x + preview.width + 40
        y: preview.y
        width: stage.portrait ? stage.width - stage.margin - x : heading.x + heading.width - x
        height: preview.height
    }

    Heading {
        id: heading
        x: stage.margin
        y: preview.y + preview.height + (stage.portrait ? 20 : 28)
        width: stage.portrait ? stage.width - 2 * stage.margin : 836
    }

    Loader {
        id: page
        objectName: "page"
        readonly property string name: stage.screen.page ?? ""

        x: stage.portrait ? stage.margin : heading.x + heading.width + 64
        y: stage.portrait ? Math.max(734, heading.y + heading.height + 28) : header.height + 24
        width: stage.width - stage.margin - x
        height: (!stage.portrait ? foot.y - 24 : priority.visible ? priority.y - 44 : foot.y - 76) - y
        source: name ? name.charAt(0).toUpperCase() + name.slice(1) + ".qml" : ""
        onLoaded: {
            stage.moved()
            if (bridge.theme.moves)
                arrive.restart()
        }
        onXChanged: stage.moved()
        onYChanged: stage.moved()

        NumberAnimation {
            id: arrive
            target: page
            property: "opacity"
            from: 0
            to: 1
            duration: 240
            easing.type: Easing.OutCubic
        }
    }

    PriorityToggle {
        id: priority
        x: stage.margin
        y: foot.y - height - (stage.portrait ? 76 : 104)
        width: heading.width
    }

    Countdown {
        anchors.horizontalCenter: stage.portrait ? parent.horizontalCenter : heading.horizontalCenter
        y: foot.y - height - (stage.portrait ? 12 : 28)
    }

    BottomBand {
        id: foot
        portrait: stage.portrait
        y: stage.height - height
        width: parent.width
        height: stage.portrait ? 156 : 112
    }

    PointerRing {}
}
